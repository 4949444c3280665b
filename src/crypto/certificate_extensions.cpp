#include "crypto/certificate_extensions.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "crypto/certificate_name.hpp"
#include "crypto/certificate_text.hpp"
#include "crypto/der_reader.hpp"
#include "crypto/digest.hpp"

namespace sealtrace {
namespace {

using namespace std::string_view_literals;

/// GeneralName's choices (RFC 5280 section 4.2.1.6).
enum class GeneralNameKind : std::uint8_t {
  other_name = 0,
  rfc822_name = 1,
  dns_name = 2,
  directory_name = 4,
  uniform_resource_identifier = 6,
  ip_address = 7,
  registered_id = 8,
};

ByteReader inside(const DerElement& element, const ByteReader& parent) { return {element.content, parent.scope()}; }

GeneralNameKind kind_of(const DerElement& general_name) {
  return GeneralNameKind{static_cast<std::uint8_t>(static_cast<std::uint8_t>(general_name.tag) & 0x1F)};
}

std::string ip_text(Bytes octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = octets.size() == 4 ? AF_INET : octets.size() == 16 ? AF_INET6 : AF_UNSPEC;
  if (family == AF_UNSPEC || inet_ntop(family, octets.data(), text.data(), text.size()) == nullptr) return escaped_text(octets);
  return text.data();
}

std::string directory_text(Bytes name, ByteReader& reader) {
  bool readable = false;
  std::string text = name_text(name, readable);
  reader.require(readable, "directoryName");
  return text;
}

void read_general_name(const DerElement& name, ByteReader& reader, CertificateFields& fields) {
  switch (kind_of(name)) {
    case GeneralNameKind::dns_name: fields.dns_names.push_back(escaped_text(name.content)); return;
    case GeneralNameKind::ip_address: fields.ip_addresses.push_back(ip_text(name.content)); return;
    case GeneralNameKind::rfc822_name: fields.other_names.push_back("email:" + escaped_text(name.content)); return;
    case GeneralNameKind::uniform_resource_identifier: fields.other_names.push_back("uri:" + escaped_text(name.content)); return;
    case GeneralNameKind::directory_name: fields.other_names.push_back("dirname:" + directory_text(name.content, reader)); return;
    case GeneralNameKind::registered_id: fields.other_names.push_back("rid:" + object_text(name.content, ObjectNaming::short_name)); return;
    case GeneralNameKind::other_name: {
      ByteReader other = inside(name, reader);
      const DerElement type = read_der(other, DerTag::object_identifier, "type-id");
      fields.other_names.push_back("othername:" + object_text(type.content, ObjectNaming::short_name));
      return;
    }
  }
  fields.other_names.emplace_back("unsupported");  // x400Address, ediPartyName
}

void read_subject_alt_name(ByteReader& value, CertificateFields& fields) {
  ByteReader names = inside(read_der(value, DerTag::sequence, "subjectAltName"), value);
  while (names.more()) {
    const DerElement name = read_der(names, "GeneralName");
    if (names.scope().ok()) read_general_name(name, names, fields);
  }
}

void read_key_usage(ByteReader& value, CertificateFields& fields) {
  constexpr std::array<std::string_view, 9> kUsages{"digitalSignature", "nonRepudiation", "keyEncipherment",
                                                    "dataEncipherment", "keyAgreement",   "keyCertSign",
                                                    "cRLSign",          "encipherOnly",   "decipherOnly"};
  ByteReader bits = inside(read_der(value, DerTag::bit_string, "KeyUsage"), value);
  const std::size_t num_unused = bits.u8("unused_bits");
  bits.require(num_unused < 8, "unused_bits");
  const Bytes octets = bits.rest();
  const std::size_t num_bits = octets.size() * 8 - (octets.empty() ? 0 : num_unused % 8);  // what is set among the unused ones says nothing
  for (std::size_t i = 0; i < kUsages.size() && i < num_bits; ++i) {
    if ((octets[i / 8] & (0x80U >> (i % 8))) != 0) fields.key_usage.emplace_back(kUsages[i]);
  }
}

void read_extended_key_usage(ByteReader& value, CertificateFields& fields) {
  ByteReader purposes = inside(read_der(value, DerTag::sequence, "ExtKeyUsageSyntax"), value);
  while (purposes.more()) {
    const DerElement purpose = read_der(purposes, DerTag::object_identifier, "KeyPurposeId");
    if (purposes.scope().ok()) fields.extended_key_usage.push_back(object_text(purpose.content, ObjectNaming::short_name));
  }
}

void read_basic_constraints(ByteReader& value, CertificateFields& fields) {
  ByteReader constraints = inside(read_der(value, DerTag::sequence, "BasicConstraints"), value);
  bool authority = false;
  if (next_der_is(constraints, DerTag::boolean)) {
    ByteReader boolean = inside(read_der(constraints, "cA"), constraints);
    authority = boolean.u8("cA") != 0;
  }
  if (value.scope().ok()) fields.certificate_authority = authority;
  if (!next_der_is(constraints, DerTag::integer)) return;
  const Bytes path_length = read_der(constraints, DerTag::integer, "pathLenConstraint").content;
  constexpr std::size_t kMaxPathLengthBytes = 3;  // nobody builds chains of millions
  if (!path_length.empty() && path_length.size() <= kMaxPathLengthBytes && path_length[0] < 0x80) {
    std::uint32_t number = 0;
    for (const std::uint8_t octet : path_length) number = number << 8 | octet;
    fields.path_length = number;
  }
}

void read_subject_key_identifier(ByteReader& value, CertificateFields& fields) {
  fields.subject_key_identifier = upper_hex(read_der(value, DerTag::octet_string, "SubjectKeyIdentifier").content);
}

void read_authority_key_identifier(ByteReader& value, CertificateFields& fields) {
  ByteReader identifier = inside(read_der(value, DerTag::sequence, "AuthorityKeyIdentifier"), value);
  if (next_der_is(identifier, context_tag(0, false)))
    fields.authority_key_identifier = upper_hex(read_der(identifier, "keyIdentifier").content);
}

void read_certificate_policies(ByteReader& value, CertificateFields& fields) {
  ByteReader policies = inside(read_der(value, DerTag::sequence, "certificatePolicies"), value);
  while (policies.more()) {
    ByteReader policy = inside(read_der(policies, DerTag::sequence, "PolicyInformation"), policies);
    const DerElement identifier = read_der(policy, DerTag::object_identifier, "policyIdentifier");
    if (policy.scope().ok()) fields.policies.push_back(object_text(identifier.content, ObjectNaming::short_name));
  }
}

/// read_authority_information_access lists the locations (RFC 5280 section 4.2.2.1) under the kinds OCSP and caIssuers, others under
/// their OID.
void read_authority_information_access(ByteReader& value, CertificateFields& fields) {
  ByteReader list = inside(read_der(value, DerTag::sequence, "AuthorityInfoAccessSyntax"), value);
  while (list.more()) {
    ByteReader access = inside(read_der(list, DerTag::sequence, "AccessDescription"), list);
    const DerElement method = read_der(access, DerTag::object_identifier, "accessMethod");
    const DerElement location = read_der(access, "accessLocation");
    if (!list.scope().ok()) return;
    std::string kind = object_text(method.content, ObjectNaming::short_name);
    if (kind == "OCSP") kind = "ocsp";
    if (kind == "caIssuers") kind = "ca-issuers";
    const bool uri = kind_of(location) == GeneralNameKind::uniform_resource_identifier;
    fields.authority_information_access.push_back(kind + ":" + (uri ? escaped_text(location.content) : "no URI"));
  }
}

/// read_scts counts the SignedCertificateTimestampList (RFC 6962 section 3.3), an OCTET STRING of TLS vectors.
void read_scts(ByteReader& value, CertificateFields& fields) {
  ByteReader octets = inside(read_der(value, DerTag::octet_string, "SignedCertificateTimestampList"), value);
  ByteReader list = octets.block16("sct_list");
  octets.finished("sct_list");
  std::uint32_t number = 0;
  while (list.more()) {
    list.block16("SerializedSCT");
    ++number;
  }
  if (list.scope().ok()) fields.num_scts = number;
}

void read_crl_distribution_points(ByteReader& value, CertificateFields& fields) {
  ByteReader points = inside(read_der(value, DerTag::sequence, "CRLDistributionPoints"), value);
  while (points.more()) {
    ByteReader point = inside(read_der(points, DerTag::sequence, "DistributionPoint"), points);
    if (!next_der_is(point, context_tag(0, true))) continue;
    ByteReader name = inside(read_der(point, "distributionPoint"), point);
    if (!next_der_is(name, context_tag(0, true))) continue;
    ByteReader full_name = inside(read_der(name, "fullName"), name);
    while (full_name.more()) {
      const DerElement entry = read_der(full_name, "GeneralName");
      if (!full_name.scope().ok()) return;
      if (kind_of(entry) == GeneralNameKind::uniform_resource_identifier)
        fields.crl_distribution_points.push_back(escaped_text(entry.content));
      if (kind_of(entry) == GeneralNameKind::directory_name) {
        fields.crl_distribution_points.push_back("dirname:" + directory_text(entry.content, full_name));
      }
    }
  }
}

struct KnownExtension {
  std::string_view oid;  ///< content of the OBJECT IDENTIFIER
  std::string_view name;
  void (*read)(ByteReader&, CertificateFields&);
};

constexpr std::array<KnownExtension, 10> kKnown{{
    {"\x55\x1D\x0E"sv, "subjectKeyIdentifier", read_subject_key_identifier},
    {"\x55\x1D\x0F"sv, "keyUsage", read_key_usage},
    {"\x55\x1D\x11"sv, "subjectAltName", read_subject_alt_name},
    {"\x55\x1D\x13"sv, "basicConstraints", read_basic_constraints},
    {"\x55\x1D\x1F"sv, "cRLDistributionPoints", read_crl_distribution_points},
    {"\x55\x1D\x20"sv, "certificatePolicies", read_certificate_policies},
    {"\x55\x1D\x23"sv, "authorityKeyIdentifier", read_authority_key_identifier},
    {"\x55\x1D\x25"sv, "extKeyUsage", read_extended_key_usage},
    {"\x2B\x06\x01\x05\x05\x07\x01\x01"sv, "authorityInfoAccess", read_authority_information_access},
    {"\x2B\x06\x01\x04\x01\xD6\x79\x02\x04\x02"sv, "signedCertificateTimestamps", read_scts},
}};

bool read_value(const KnownExtension& known, Bytes octets, CertificateFields& fields) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader value{octets, scope};
  known.read(value, fields);
  value.finished("extnValue");
  return scope.ok();
}

}  // namespace

std::string read_extensions(Bytes extensions, CertificateFields& fields, std::string_view only) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader list{extensions, scope};
  std::string unreadable;
  std::array<bool, kKnown.size()> seen{};
  while (list.more()) {
    ByteReader extension = inside(read_der(list, DerTag::sequence, "Extension"), list);
    const DerElement oid = read_der(extension, DerTag::object_identifier, "extnID");
    if (next_der_is(extension, DerTag::boolean)) read_der(extension, "critical");
    const DerElement octets = read_der(extension, DerTag::octet_string, "extnValue");
    const auto known = std::ranges::find(kKnown, as_text(oid.content), &KnownExtension::oid);
    if (!scope.ok() || known == kKnown.end() || (!only.empty() && known->name != only)) continue;
    // RFC 5280 section 4.2: no extension twice. The first one stands.
    bool& before = seen[static_cast<std::size_t>(known - kKnown.begin())];
    if ((before || !read_value(*known, octets.content, fields)) && unreadable.empty()) unreadable = known->name;
    before = true;
  }
  return scope.ok() || !unreadable.empty() ? unreadable : std::string{scope.error().field};
}

}  // namespace sealtrace
