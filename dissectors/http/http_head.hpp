// HttpHead: what the head of a request or a response says that is worth a fact, gathered field by field, the same for HTTP/1 and HTTP/2.
// HttpReporter: which of it is new on its side of the connection.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dissect/session.hpp"
#include "dissectors/http/http_auth.hpp"
#include "dissectors/http/http_path.hpp"

namespace sealtrace {

/// HttpHead is filled by the add functions and completed by complete(); it keeps no value of a credential, no path and no query.
class HttpHead {
 public:
  HttpMessage message;
  SchemeSet credentials = 0;
  SchemeSet offers = 0;
  bool form = false;                ///< the body is a form of fields (application/x-www-form-urlencoded)
  bool has_body = false;            ///< of a request: a length other than 0, or a transfer coding
  bool conference_control = false;  ///< the body is C3P ([MS-CONFBAS] section 2.2)

  /// set_request names method and request-target (RFC 9112 section 3); the authority of an absolute or authority form becomes the host, and
  /// wins over Host (section 3.2.2).
  void set_request(std::string_view method, std::string_view request_target);
  void set_status(std::uint16_t status);
  /// add_field looks at one field, whatever the case of its name.
  void add_field(std::string_view name, std::string_view value);
  /// add_method, add_path and add_authority take the pseudo-header fields of HTTP/2 (RFC 9113 section 8.3.1).
  void add_method(std::string_view method);
  void add_path(std::string_view path);
  void add_authority(std::string_view authority);
  void complete();

 private:
  /// add_query looks for names of credentials, as in a posted form.
  void add_query(std::string_view path);
  void add_request_field(std::string_view name, std::string_view value);

  HttpPathClue clue_;
  HttpPathClass content_{};
  bool location_is_https_ = false;
  bool location_elsewhere_ = false;
  bool host_is_final_ = false;
};

/// http_clear_text names a message for ReadInClear, such as "GET request".
StaticText http_clear_text(const HttpMessage& message);

/// HttpReporter reports what is new on one side of a connection.
class HttpReporter {
 public:
  explicit HttpReporter(std::uint64_t hash_key) : hash_key_{hash_key} {}
  /// report states the facts of one head, which lies in `length` octets of `chunk` from `offset`.
  void report(const HttpHead& head, const Chunk& chunk, std::size_t offset, std::size_t length, FactSink& facts);
  /// credential states once that a body carries one.
  void credential(AuthenticationScheme scheme, const Chunk& chunk, std::size_t offset, std::size_t length, FactSink& facts);
  /// upgrade states a step once.
  void upgrade(UpgradePhase phase, const Chunk& chunk, std::size_t offset, std::size_t length, FactSink& facts);

 private:
  enum class Novelty : std::uint8_t { known, first, too_many };
  /// novelty_of remembers 64 bits that stand for `octets`. too_many once: from then on new ones are not told.
  Novelty novelty_of(std::string_view octets);

  std::uint64_t hash_key_;
  std::vector<std::uint64_t> told_;
  std::uint64_t clear_ = 0;  ///< a bit for each text of http_clear_text, then for C3P
  SchemeSet credentials_ = 0;
  SchemeSet offers_ = 0;
  std::uint8_t steps_ = 0;
  bool budget_told_ = false;
};

/// kMaxMessagesTold bounds the HttpMessage facts of a side: with those of the other side and the small facts they stay well below the
/// engine's limit of facts per flow, and a proxy's connection shows two dozen hosts before the report has to say that there are more.
inline constexpr std::size_t kMaxMessagesTold = 32;

}  // namespace sealtrace
