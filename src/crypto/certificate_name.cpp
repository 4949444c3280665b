#include "crypto/certificate_name.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "crypto/certificate_text.hpp"
#include "crypto/der_reader.hpp"
#include "crypto/free_by.hpp"

namespace sealtrace {
namespace {

using namespace std::string_view_literals;

std::string print_name(X509_NAME* name, unsigned long flags) {
  thread_local const Owned<BIO, BIO_free> sink{BIO_new(BIO_s_mem())};
  if (sink == nullptr) throw std::bad_alloc{};
  (void)BIO_reset(sink.get());
  if (X509_NAME_print_ex(sink.get(), name, 0, flags) < 0) return {};
  char* text = nullptr;
  const long length = BIO_get_mem_data(sink.get(), &text);
  return escaped_text(as_bytes({text, static_cast<std::size_t>(length)}));
}

std::string openssl_name_text(Bytes name, bool& readable) {
  constexpr unsigned long kReadable = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  constexpr unsigned long kDumped = XN_FLAG_RFC2253 | ASN1_STRFLGS_DUMP_ALL;
  const unsigned char* at = name.data();
  const Owned<X509_NAME, X509_NAME_free> parsed{d2i_X509_NAME(nullptr, &at, static_cast<long>(name.size()))};
  readable = parsed != nullptr;
  if (!readable) return {};
  std::string text = print_name(parsed.get(), kReadable);
  // OpenSSL prints nothing of a name with a string that is not of its declared type: its octets are then shown as hex (RFC 2253
  // section 2.4).
  if (text.empty() && X509_NAME_entry_count(parsed.get()) > 0) text = print_name(parsed.get(), kDumped);
  return text;
}

struct AttributeType {
  std::string_view oid;  ///< content of the OBJECT IDENTIFIER
  std::string_view name;
};

/// kAttributeTypes are the usual ones; OpenSSL knows the rest.
constexpr DerTag kUtf8String{0x0C};
constexpr DerTag kPrintableString{0x13};
constexpr DerTag kTeletexString{0x14};
constexpr DerTag kIa5String{0x16};

constexpr std::array<AttributeType, 11> kAttributeTypes{{
    {"\x55\x04\x03"sv, "CN"},
    {"\x55\x04\x0A"sv, "O"},
    {"\x55\x04\x0B"sv, "OU"},
    {"\x55\x04\x06"sv, "C"},
    {"\x55\x04\x07"sv, "L"},
    {"\x55\x04\x08"sv, "ST"},
    {"\x55\x04\x05"sv, "serialNumber"},
    {"\x55\x04\x09"sv, "street"},
    {"\x55\x04\x11"sv, "postalCode"},
    {"\x2A\x86\x48\x86\xF7\x0D\x01\x09\x01"sv, "emailAddress"},
    {"\x09\x92\x26\x89\x93\xF2\x2C\x64\x01\x19"sv, "DC"},
}};

/// append_rfc2253 writes a value of ASCII characters or UTF-8 with RFC 2253's escapes. False for what needs more care.
bool append_rfc2253(Bytes value, bool utf8, std::string& text) {
  constexpr std::string_view kSpecial = ",+\"\\<>;";
  const std::string_view characters = as_text(value);
  if (characters.empty() || characters.front() == '#' || characters.front() == ' ' || characters.back() == ' ') return false;
  for (std::size_t i = 0; i < value.size();) {
    const std::size_t length = utf8_length(value.subspan(i));
    if (length == 0 || (length > 1 && !utf8) || is_control(value.subspan(i, length))) return false;
    if (length == 1 && kSpecial.find(characters[i]) != std::string_view::npos) text.push_back('\\');
    text.append(characters.substr(i, length));
    i += length;
  }
  return true;
}

/// plain_name_text writes a Name of single-valued RDNs of usual types and strings, last RDN first. Nothing for any other.
std::optional<std::string> plain_name_text(Bytes name) {
  constexpr std::size_t kMaxRdns = 16;  // longer names are left to OpenSSL
  struct Attribute {
    std::string_view type;
    DerElement value;
  };
  std::array<Attribute, kMaxRdns> attributes;
  std::size_t num_attributes = 0;
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader outer{name, scope};
  ByteReader rdns{read_der(outer, DerTag::sequence, "Name").content, scope};
  outer.finished("Name");
  while (rdns.more()) {
    if (num_attributes == kMaxRdns) return std::nullopt;
    ByteReader rdn{read_der(rdns, DerTag::set, "RelativeDistinguishedName").content, scope};
    ByteReader attribute{read_der(rdn, DerTag::sequence, "AttributeTypeAndValue").content, scope};
    rdn.finished("RelativeDistinguishedName");
    const Bytes oid = read_der(attribute, DerTag::object_identifier, "type").content;
    const auto type = std::ranges::find(kAttributeTypes, as_text(oid), &AttributeType::oid);
    if (type == kAttributeTypes.end()) return std::nullopt;
    attributes[num_attributes++] = {.type = type->name, .value = read_der(attribute, "value")};
    attribute.finished("value");
  }
  if (!scope.ok()) return std::nullopt;
  std::string text;
  text.reserve(name.size());
  while (num_attributes > 0) {
    const Attribute& attribute = attributes[--num_attributes];
    const DerTag tag = attribute.value.tag;
    if (tag != kUtf8String && tag != kPrintableString && tag != kIa5String) return std::nullopt;
    if (!text.empty()) text.push_back(',');
    text.append(attribute.type).push_back('=');
    if (!append_rfc2253(attribute.value.content, tag == kUtf8String, text)) return std::nullopt;
  }
  return text;
}

}  // namespace

std::string name_text(Bytes name, bool& readable) {
  if (std::optional<std::string> text = plain_name_text(name)) {
    readable = true;
    return *std::move(text);
  }
  return openssl_name_text(name, readable);
}

std::vector<std::string> common_names(Bytes name) {
  constexpr std::string_view kCommonName = "\x55\x04\x03";
  std::vector<std::string> names;
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader outer{name, scope};
  ByteReader rdns{read_der(outer, DerTag::sequence, "Name").content, scope};
  while (rdns.more()) {
    ByteReader rdn{read_der(rdns, DerTag::set, "RelativeDistinguishedName").content, scope};
    while (rdn.more()) {
      ByteReader attribute{read_der(rdn, DerTag::sequence, "AttributeTypeAndValue").content, scope};
      const Bytes oid = read_der(attribute, DerTag::object_identifier, "type").content;
      const DerElement value = read_der(attribute, "value");
      if (!scope.ok()) return names;
      const bool text = value.tag == kUtf8String || value.tag == kPrintableString || value.tag == kIa5String || value.tag == kTeletexString;
      if (text && as_text(oid) == kCommonName) names.push_back(escaped_text(value.content));
    }
  }
  return names;
}

}  // namespace sealtrace
