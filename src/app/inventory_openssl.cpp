// Certificates in words: what `openssl x509 -text -noout` prints.
//
// OpenSSL prints the strings of extensions as they are, line ends among them: a certificate can hold lines that look like OpenSSL's own. So
// every field counts at the depth and in the order in which OpenSSL writes it, and a text that says one of them twice is not believed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "app/inventory_text.hpp"
#include "app/listing_words.hpp"
#include "crypto/certificate_fields.hpp"
#include "model/ascii.hpp"

namespace sealtrace {
namespace {

// Depths of OpenSSL's lines, in blanks.
constexpr std::size_t kOuterDepth = 4;  ///< Data, Signature Algorithm and Signature Value
constexpr std::size_t kDataDepth = 8;
constexpr std::size_t kPartDepth = 12;   ///< of Validity, Subject Public Key Info, X509v3 extensions
constexpr std::size_t kValueDepth = 16;  ///< of a key or an extension

/// Stage is how far the reader has come; it never goes back.
enum class Stage : std::uint8_t { data, issuer, not_before, not_after, subject, key, extensions, signature };

struct KeyName {
  std::string_view printed;  ///< by OpenSSL
  std::string_view name;     ///< as in CertificateFields
};
constexpr std::array<KeyName, 7> kKeyNames{{{"rsaEncryption", "RSA"},
                                            {"rsassaPss", "RSA-PSS"},
                                            {"id-ecPublicKey", "EC"},
                                            {"dsaEncryption", "DSA"},
                                            {"ED25519", "Ed25519"},
                                            {"ED448", "Ed448"},
                                            {"dhKeyAgreement", "DH"}}};
/// kCurveNames: OpenSSL's names of X9.62 and those of SEC 2.
constexpr std::array<KeyName, 3> kCurveNames{{{"prime256v1", "secp256r1"}, {"prime192v1", "secp192r1"}, {"SM2", "curveSM2"}}};

template <std::size_t Count>
std::string name_of(const std::array<KeyName, Count>& names, std::string_view printed) {
  const auto found = std::ranges::find(names, printed, &KeyName::printed);
  return std::string{found == names.end() ? printed : found->name};
}

class OpensslReader {
 public:
  OpensslReader(std::string_view text, std::string_view name) : lines_{text}, name_{name} {}

  CertificateListing read() {
    std::string_view line;
    while (lines_.next(line) && listing_.entries.size() < kMaxListedCertificates && !listing_.contradicts_itself) take(line);
    flush();
    if (listing_.contradicts_itself) listing_.entries.clear();
    return std::move(listing_);
  }

 private:
  void take(std::string_view line) {
    const std::size_t depth = std::min(line.find_first_not_of(' '), line.size());
    const std::string_view bare = trimmed(line);
    if (line == "Certificate:") return begin();
    if (depth == 0 && lower(bare).starts_with("sha1 fingerprint=")) return take_fingerprint(bare);
    if (!inside_) return;
    if (std::exchange(names_follow_, false) && depth == kValueDepth) return take_names(bare);
    if (bare.starts_with("-----BEGIN") && stage_ < Stage::signature) return refuse("a certificate", "within the words of another");
    switch (depth) {
      case kOuterDepth: take_outer(bare); break;
      case kDataDepth: take_data(bare); break;
      case kPartDepth: take_part(bare); break;
      case kValueDepth: take_value(bare); break;
      default: break;
    }
    if (stage_ == Stage::extensions && (bare.starts_with("Explicit Text:") || bare.starts_with("Netscape Comment:"))) free_text_ = true;
  }

  void begin() {
    flush();
    inside_ = true;
    entry_.thumbprint = std::exchange(waiting_fingerprint_, {});
    entry_.source = fmt::format("{}:{}", name_, lines_.number());
  }

  /// take_fingerprint: it stands before or behind the words of its certificate.
  void take_fingerprint(std::string_view bare) {
    const std::string digits = hex_of(bare.substr(bare.find('=')));
    if (digits.size() != kThumbprintDigits) return;
    if (inside_ && stage_ < Stage::signature) return refuse("a fingerprint", "within the words of a certificate");
    (inside_ && entry_.thumbprint.empty() ? entry_.thumbprint : waiting_fingerprint_) = digits;
  }

  void take_outer(std::string_view bare) {
    if (bare.starts_with("Signature Algorithm:")) {
      if (stage_ == Stage::data) return take_signature_algorithm(bare);  // OpenSSL 1.0
      if (once("Signature Algorithm behind the data")) stage_ = Stage::signature;
    } else if (bare == "Signature Value:" && stage_ != Stage::signature) {
      refuse("Signature Value", "without its algorithm");
    }
  }

  void take_data(std::string_view bare) {
    CertificateFields& fields = entry_.fields;
    if (const auto serial = behind(bare, "Serial Number:"); serial && once("Serial Number") && in_order(Stage::data)) {
      serial_follows_ = serial->empty();
      const std::size_t hex = serial->find("(0x");
      if (hex != std::string_view::npos) fields.serial = hex_of(serial->substr(hex + 3));
      if (fields.serial.size() % 2 != 0) fields.serial.insert(0, 1, '0');
    } else if (bare.starts_with("Signature Algorithm:") && in_order(Stage::data)) {
      take_signature_algorithm(bare);
    } else if (const auto issuer = behind(bare, "Issuer:"); issuer && once("Issuer") && in_order(Stage::issuer)) {
      fields.issuer = *issuer;
    } else if (const auto subject = behind(bare, "Subject:"); subject && once("Subject") && in_order(Stage::subject)) {
      fields.subject = *subject;
    } else if (bare == "Subject Public Key Info:" && once(bare) && in_order(Stage::key)) {
      stage_ = Stage::key;
    } else if (bare == "X509v3 extensions:" && once(bare) && in_order(Stage::extensions)) {
      stage_ = Stage::extensions;
    }
  }

  void take_signature_algorithm(std::string_view bare) {
    if (!once("Signature Algorithm")) return;
    CertificateFields& fields = entry_.fields;
    fields.signature_algorithm = *behind(bare, "Signature Algorithm:");
    fields.signature_hash = signature_hash_of(fields.signature_algorithm);
  }

  void take_part(std::string_view bare) {
    CertificateFields& fields = entry_.fields;
    if (std::exchange(serial_follows_, false) && stage_ == Stage::data) {
      fields.serial = hex_of(bare);
    } else if (const auto start = behind(bare, "Not Before:"); start && once("Not Before") && in_order(Stage::not_before)) {
      fields.not_before = openssl_time_of(*start);
    } else if (const auto end = behind(bare, "Not After :"); end && once("Not After") && in_order(Stage::not_after)) {
      fields.not_after = openssl_time_of(*end);
    } else if (const auto key = behind(bare, "Public Key Algorithm:"); key && once("Public Key Algorithm") && in_order(Stage::key)) {
      fields.public_key_algorithm = name_of(kKeyNames, *key);
    } else if (bare.starts_with("X509v3 Subject Alternative Name:") && once("Subject Alternative Name") && in_order(Stage::extensions)) {
      names_follow_ = !free_text_;
    }
  }

  void take_value(std::string_view bare) {
    CertificateFields& fields = entry_.fields;
    if (stage_ != Stage::key) return;
    if (const std::size_t at = bare.find("Public-Key: ("); at != std::string_view::npos && once("Public-Key")) {
      const std::string_view digits = bare.substr(at + std::string_view{"Public-Key: ("}.size());
      for (const char c : digits.substr(0, 6)) {
        if (c < '0' || c > '9') break;
        fields.public_key_bits = fields.public_key_bits * 10 + static_cast<std::uint32_t>(c - '0');
      }
    } else if (const auto exponent = behind(bare, "Exponent:"); exponent && once("Exponent")) {
      const std::size_t hex = exponent->find("(0x");
      if (hex != std::string_view::npos) fields.public_exponent = hex_of(exponent->substr(hex + 3));
    } else if (const auto curve = behind(bare, "ASN1 OID:"); curve && once("ASN1 OID")) {
      fields.curve = name_of(kCurveNames, *curve);
    }
  }

  void take_names(std::string_view bare) {
    std::vector<std::string>& names = entry_.fields.dns_names;
    for (std::size_t at = 0; at < bare.size() && names.size() < kMaxNamesOfCertificate;) {
      const std::size_t comma = std::min(bare.find(',', at), bare.size());
      const std::string_view part = trimmed(bare.substr(at, comma - at));
      if (part.starts_with("DNS:")) names.emplace_back(lower(part.substr(4)));
      at = comma + 1;
    }
  }

  static std::optional<std::string_view> behind(std::string_view bare, std::string_view key) {
    return bare.starts_with(key) ? std::optional{trimmed(bare.substr(key.size()))} : std::nullopt;
  }

  /// once refuses the text when a field comes a second time.
  bool once(std::string_view field) {
    if (seen_.emplace(field).second) return true;
    refuse(field, "twice in one certificate");
    return false;
  }

  /// in_order refuses a field that stands behind what OpenSSL writes after it.
  bool in_order(Stage stage) {
    if (stage < stage_) refuse("a field", "where it does not belong");
    stage_ = std::max(stage_, stage);
    return !listing_.contradicts_itself;
  }

  void refuse(std::string_view what, std::string_view where) {
    if (listing_.contradicts_itself) return;
    listing_.contradicts_itself = true;
    listing_.error = fmt::format("line {}: {} {}: these words are not believed; give the certificate itself", lines_.number(), what, where);
  }

  void flush() {
    CertificateFields& fields = entry_.fields;
    if (inside_ && entry_.thumbprint.empty() && (fields.serial.empty() || fields.issuer.empty()))
      refuse("a certificate", "without serial number or issuer");
    fields.common_names = common_name_of(fields.subject);
    if (inside_) listing_.entries.push_back(std::move(entry_));
    entry_ = {};
    stage_ = Stage::data;
    seen_.clear();
    inside_ = serial_follows_ = names_follow_ = free_text_ = false;
  }

  Lines lines_;
  std::string_view name_;
  ListedCertificate entry_;
  Stage stage_ = Stage::data;
  std::set<std::string, std::less<>> seen_;  ///< fields of this certificate
  std::string waiting_fingerprint_;          ///< of the certificate that follows
  bool inside_ = false;
  bool serial_follows_ = false;
  bool names_follow_ = false;
  bool free_text_ = false;  ///< an extension of words without form: what stands behind it may be its own
  CertificateListing listing_;
};

}  // namespace

bool is_openssl_text(std::string_view text) {
  return text.find("Certificate:\n    Data:") != std::string_view::npos || text.find("Certificate:\r\n    Data:") != std::string_view::npos;
}

CertificateListing read_openssl_text(std::string_view text, std::string_view name) { return OpensslReader{text, name}.read(); }

}  // namespace sealtrace
