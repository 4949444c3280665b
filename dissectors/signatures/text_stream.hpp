// TextStream: SMTP, FTP, IMAP and POP3 line by line, up to a change to TLS or to what the peers came for.
#pragma once

#include <string>

#include "dissect/session.hpp"
#include "dissectors/signatures/once.hpp"

namespace sealtrace {

/// kMaxTextLineBytes bounds a line: above what the four allow (RFC 5321 section 4.5.3.1, RFC 9051 section 7.1.3 advises 8192).
inline constexpr std::size_t kMaxTextLineBytes = 8192;
/// kMaxTextBytes bounds what is read of one connection: greetings, capabilities and an upgrade fit many times.
inline constexpr std::uint64_t kMaxTextBytes = 65'536;

enum class TextProtocol : std::uint8_t { smtp, ftp, imap, pop3 };

/// TextStream states the greeting, commands, credentials (their scheme alone), and each step of STARTTLS and its kin (RFC 3207, 4217, 2595,
/// 9051 section 6.2.1). It hands over behind the reply that accepts, and is done with the first login or mail.
class TextStream final : public Session {
 public:
  explicit TextStream(TextProtocol protocol) : protocol_{protocol} {}
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;

 private:
  void on_command(std::string_view line, const Chunk& chunk, FactSink& facts);
  bool on_reply(std::string_view line, const Chunk& chunk, FactSink& facts);
  void on_credential(std::string_view verb, std::string_view rest, const Chunk& chunk, FactSink& facts);
  void step(UpgradePhase phase, const Chunk& chunk, FactSink& facts);
  bool ends_list(std::string_view line);
  [[nodiscard]] bool offers(std::string_view line) const;
  [[nodiscard]] bool asks_for_list(std::string_view verb) const;
  [[nodiscard]] bool is_last_line(std::string_view line) const;
  [[nodiscard]] bool accepts(std::string_view line) const;
  [[nodiscard]] StaticText name() const;

  TextProtocol protocol_;
  Once once_;
  std::string tag_;              ///< IMAP: of the command that asks for TLS
  unsigned num_unanswered_ = 1;  ///< commands without a reply; the greeting answers the connection itself
  std::uint64_t read_bytes_ = 0;
  bool awaiting_ = false;        ///< TLS was asked for and not answered
  bool asked_for_list_ = false;  ///< the reply under way answers what asks for all that the server has
  bool list_begun_ = false;
  bool offered_ = false;
  bool anonymous_ = false;
  bool finished_ = false;
};

}  // namespace sealtrace
