// XmppSession: follows one XMPP stream over TCP until it changes into TLS, or reads it to its end.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dissect/session.hpp"
#include "dissectors/xmpp/xml_scanner.hpp"
#include "dissectors/xmpp/xmpp_names.hpp"

namespace sealtrace {

/// XmppSession reads the elements down to three levels below a stream's header and passes over what lies deeper. Only a tag that segments
/// have cut is left with the flow layer; character data is consumed as it comes.
class XmppSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;

 private:
  static constexpr std::uint32_t kReadLevels = 4;  ///< the header, what is below it, and two levels more

  /// Element is what an open element is, as far as its content matters.
  enum class Element : std::uint8_t {
    other,
    stream,
    features,
    starttls_feature,
    mechanisms,
    mechanism,
    starttls,
    proceed,
    iq,
    legacy_auth
  };

  /// Step is what follows a token.
  enum class Step : std::uint8_t { go_on, done, hand_over };

  /// Place is a token in its chunk.
  struct Place {
    const Chunk& chunk;
    std::size_t offset = 0;
    std::size_t length = 0;
  };

  /// Features is a feature list while it is read: from its start tag to its end tag, without a gap, or it is never told of.
  struct Features {
    bool starttls = false;
    bool required = false;
    bool others = false;
    bool bind = false;  ///< resource binding: the peers have authenticated (RFC 6120 section 7.3.1)
  };

  /// Half is one direction.
  struct Half {
    XmlScanner scanner;
    XmppNamespaces names;
    std::vector<std::uint32_t> open_names;  ///< hashes of the open elements' names
    std::uint32_t depth = 0;                ///< open elements
    std::array<Element, kReadLevels> path{};
    bool searching = true;  ///< the place in the stream is not known
    bool done = false;
    bool header_seen = false;
    bool awaits_answer = false;  ///< to its request for TLS
    bool after_success = false;  ///< of SASL, until the next stream header
    bool absence_reported = false;
    Features features;
    std::string mechanism;                           ///< text of the <mechanism/> that is open
    std::optional<AuthenticationScheme> challenged;  ///< the server speaks first: the credential comes with a response
    std::optional<XmppStream> reported_stream;
    std::uint8_t num_streams = 0;
    std::uint8_t num_gaps = 0;
    std::uint8_t stanzas = 0;   ///< kinds reported, a bit each
    std::uint8_t phases = 0;    ///< upgrade phases reported, a bit each
    std::uint32_t offered = 0;  ///< schemes reported, a bit each
    std::uint32_t sent = 0;     ///< schemes reported, a bit each
    std::uint32_t searched_bytes = 0;
    Timestamp last_time{};  ///< of the last octet: the nearest frame to point at when octets are missing
    Evidence last_evidence;
  };

  [[nodiscard]] Half& half(Side side) { return halves_[index(side)]; }
  /// search passes over octets up to an element that can be nothing but XMPP, or one that may begin TLS. Gives where it stopped.
  static std::size_t search(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts);
  static void on_found(Half& half);
  Progress on_unreadable(Half& half, const ParseError& error, const Chunk& chunk, std::size_t at, FactSink& facts);
  Step on_token(Half& half, const XmlToken& token, const Place& place, FactSink& facts);
  Step on_start_tag(Half& half, const XmlToken& tag, const Place& place, FactSink& facts);
  Step on_end_tag(Half& half, const Place& place, FactSink& facts);
  Element on_top_level(Half& half, const XmppName& name, const XmlToken& tag, const Place& place, FactSink& facts);
  static Element on_second_level(Half& half, const XmppName& name, const Place& place, FactSink& facts);
  static Element on_third_level(Half& half, const XmppName& name, const XmlToken& tag, const Place& place, FactSink& facts);
  static void on_stream_header(Half& half, const XmlToken& tag, const Place& place, FactSink& facts);
  static void on_authentication(Half& half, const XmppName& name, std::string_view attributes, const Place& place, FactSink& facts);
  void on_features_end(Half& half, const Place& place, FactSink& facts) const;

  std::array<Half, 2> halves_;
  bool authenticated_ = false;
  bool compressed_ = false;  ///< what follows is not XML
};

}  // namespace sealtrace
