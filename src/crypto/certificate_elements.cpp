#include "crypto/certificate_elements.hpp"

namespace sealtrace {
namespace {

DerElement read_time(ByteReader& reader, std::string_view field) {
  return read_der(reader, next_der_is(reader, DerTag::utc_time) ? DerTag::utc_time : DerTag::generalized_time, field);
}

void skip_optional(ByteReader& reader, std::uint8_t number, std::string_view field) {
  if (next_der_is(reader, context_tag(number, false))) read_der(reader, field);
}

}  // namespace

CertificateElements split_certificate(Bytes der) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader outer{der, scope};
  CertificateElements elements;

  // The offsets of errors count from the start of each nested element: readers of DER are made from contents.
  ByteReader certificate{read_der(outer, DerTag::sequence, "Certificate").content, scope};
  outer.finished("Certificate");
  ByteReader tbs{read_der(certificate, DerTag::sequence, "tbsCertificate").content, scope};
  if (next_der_is(tbs, context_tag(0, true))) {
    ByteReader version{read_der(tbs, "version").content, scope};
    elements.version = read_der(version, DerTag::integer, "version").content;
    version.finished("version");
  }
  elements.serial_number = read_der(tbs, DerTag::integer, "serialNumber").content;
  read_der(tbs, DerTag::sequence, "signature");
  elements.issuer = read_der(tbs, DerTag::sequence, "issuer");
  ByteReader validity{read_der(tbs, DerTag::sequence, "validity").content, scope};
  elements.not_before = read_time(validity, "notBefore");
  elements.not_after = read_time(validity, "notAfter");
  validity.finished("validity");
  elements.subject = read_der(tbs, DerTag::sequence, "subject");
  elements.subject_public_key_info = read_der(tbs, DerTag::sequence, "subjectPublicKeyInfo");
  skip_optional(tbs, 1, "issuerUniqueID");
  skip_optional(tbs, 2, "subjectUniqueID");
  if (next_der_is(tbs, context_tag(3, true))) {
    ByteReader extensions{read_der(tbs, "extensions").content, scope};
    elements.extensions = read_der(extensions, DerTag::sequence, "extensions");
    extensions.finished("extensions");
  }
  tbs.finished("tbsCertificate");
  elements.signature_algorithm = read_der(certificate, DerTag::sequence, "signatureAlgorithm");
  read_der(certificate, DerTag::bit_string, "signatureValue");
  certificate.finished("Certificate");
  if (!scope.ok()) elements.error = scope.error();
  return elements;
}

}  // namespace sealtrace
