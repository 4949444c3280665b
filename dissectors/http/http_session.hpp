// HttpSession: follows one HTTP/1 connection in the clear (RFC 9112): persistent, pipelined, until it becomes another protocol.
#pragma once

#include <array>
#include <deque>
#include <optional>

#include "dissect/session.hpp"
#include "dissectors/http/http_head.hpp"
#include "dissectors/http/http_parse.hpp"

namespace sealtrace {

extern const Dissector kHttpDissector;

/// kMaxOpenRequests bounds the requests that wait for their answers: servers take some dozens at most, and browsers never sent more.
inline constexpr std::size_t kMaxOpenRequests = 256;
/// kMaxHttpSearchBytes is how far a head is looked for after lost octets.
inline constexpr std::uint64_t kMaxHttpSearchBytes = 1U << 20;
/// kMaxHttpGaps bounds the StreamGap facts of a side; more of the same tell nothing new.
inline constexpr std::uint8_t kMaxHttpGaps = 4;

/// HttpSession reads heads, passes over bodies, and hands over where a connection is upgraded (101) or becomes a tunnel (CONNECT). A
/// message whose length two readers could read differently ends the reading of its side: whatever follows might be a body or a head.
class HttpSession final : public Session {
 public:
  explicit HttpSession(const Services& services);
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;
  void on_end(FactSink& facts) override;

 private:
  enum class Phase : std::uint8_t {
    head,
    body,          ///< of a known length, or a chunk
    chunk_header,  ///< a chunk's size is next
    chunk_end,     ///< CRLF behind a chunk
    trailer,
    waiting,    ///< a client that asked for a tunnel or an upgrade: the answer says what its octets are
    searching,  ///< for a head, after lost octets
    done,
  };
  struct Half {
    explicit Half(std::uint64_t hash_key) : reporter{hash_key} {}
    HttpReporter reporter;
    Phase phase = Phase::head;
    bool requests = false;      ///< this side sends requests
    bool seen = false;          ///< octets of it came
    bool proven = false;        ///< a head of it was read
    bool lost = false;          ///< a head of it may be missing
    bool unread = false;        ///< octets were passed over in search of a head
    bool chunked = false;       ///< the body under way
    bool peek = false;          ///< the body may not be there: it may answer HEAD
    bool form = false;          ///< the body under way begins with the fields of a form
    bool wait_after = false;    ///< the request under way asks for a tunnel or an upgrade
    bool at_line_start = true;  ///< while searching
    std::uint8_t num_gaps = 0;
    std::size_t searched = 0;  ///< octets of the next chunk that hold no end of a head
    std::size_t trailer_bytes = 0;
    std::uint64_t body_left = 0;  ///< beyond what was asked to be passed over
    std::uint64_t search_left = 0;
    Evidence last_evidence{};
    Timestamp last_time{};
  };
  Half& half(Side side) { return halves_[index(side)]; }

  Progress on_head(Half& half, const Chunk& chunk, FactSink& facts);
  Progress on_request(Half& half, const HttpStartLine& start, const TextHead& head, const Chunk& chunk, FactSink& facts);
  Progress on_response(Half& half, const HttpStartLine& start, const TextHead& head, const Chunk& chunk, FactSink& facts);
  Progress on_body(Half& half, const Chunk& chunk, FactSink& facts);
  /// read_form looks at the front of a form; true when it waits for more of it.
  static bool read_form(Half& half, const Chunk& chunk, FactSink& facts);
  Progress on_chunk_header(Half& half, const Chunk& chunk, FactSink& facts);
  Progress on_chunk_end(Half& half, const Chunk& chunk, FactSink& facts);
  Progress on_trailer(Half& half, const Chunk& chunk, FactSink& facts);
  Progress on_waiting(Half& half, const Chunk& chunk, FactSink& facts);
  Progress on_searching(Half& half, const Chunk& chunk, FactSink& facts);

  /// begin_body goes on behind a head: over the body, or to the next message.
  Progress begin_body(Half& half, const HttpBody& body, std::size_t head_bytes);
  /// pass asks to pass over what is left of a body, behind `consumed` octets of the chunk.
  Progress pass(Half& half, std::uint64_t consumed);
  void end_message(Half& half);
  static void begin_search(Half& half);
  Progress give_up(Half& half, const ParseError& error, const Chunk& chunk, FactSink& facts);
  static Progress leave(Half& half, const Chunk& chunk);
  /// take_answered gives the request that a response answers, and forgets it when the response is final.
  std::optional<AnsweredRequest> take_answered(bool final);
  void remember_request(const AnsweredRequest& request, const Chunk& chunk, std::size_t head_bytes, FactSink& facts);

  std::array<Half, 2> halves_;
  std::deque<AnsweredRequest> open_requests_;
  std::uint32_t num_early_answers_ = 0;  ///< answers that came before any request to them was seen
  bool answered_before_ = false;         ///< the last request's answer was among them
  bool pairing_lost_ = false;            ///< which request a response answers is not known any more
  bool answer_due_ = false;              ///< the answer that a waiting client waits for has not come
};

}  // namespace sealtrace
