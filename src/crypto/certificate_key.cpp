#include "crypto/certificate_key.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

#include "crypto/certificate_text.hpp"
#include "crypto/der_reader.hpp"

namespace sealtrace {
namespace {

using namespace std::string_view_literals;  // object identifiers hold zeros

/// Oid is the content of an OBJECT IDENTIFIER.
using Oid = std::string_view;

enum class KeyKind : std::uint8_t { rsa, dsa, dh, ec, fixed };

struct Algorithm {
  Oid oid;
  std::string_view name;
  KeyKind kind{};
  std::uint32_t bits = 0;  // of the fixed ones
};

/// kAlgorithms: RFC 3279 section 2.3, RFC 4055, RFC 5480, RFC 8410.
constexpr std::array<Algorithm, 10> kAlgorithms{{
    {"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"sv, "RSA", KeyKind::rsa, 0},
    {"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A"sv, "RSA-PSS", KeyKind::rsa, 0},
    {"\x2A\x86\x48\xCE\x3D\x02\x01"sv, "EC", KeyKind::ec, 0},
    {"\x2A\x86\x48\xCE\x38\x04\x01"sv, "DSA", KeyKind::dsa, 0},
    {"\x2A\x86\x48\x86\xF7\x0D\x01\x03\x01"sv, "DH", KeyKind::dh, 0},
    {"\x2A\x86\x48\xCE\x3E\x02\x01"sv, "DH", KeyKind::dh, 0},
    {"\x2B\x65\x6E"sv, "X25519", KeyKind::fixed, 253},
    {"\x2B\x65\x6F"sv, "X448", KeyKind::fixed, 448},
    {"\x2B\x65\x70"sv, "Ed25519", KeyKind::fixed, 256},
    {"\x2B\x65\x71"sv, "Ed448", KeyKind::fixed, 456},
}};

struct Curve {
  Oid oid;
  std::string_view name;
  std::uint32_t bits = 0;
};

/// kCurves: RFC 5480 section 2.1.1.1, RFC 5639, SEC 2, GB/T 32918.
constexpr std::array<Curve, 14> kCurves{{
    {"\x2A\x86\x48\xCE\x3D\x03\x01\x07"sv, "secp256r1", 256},
    {"\x2B\x81\x04\x00\x22"sv, "secp384r1", 384},
    {"\x2B\x81\x04\x00\x23"sv, "secp521r1", 521},
    {"\x2A\x86\x48\xCE\x3D\x03\x01\x01"sv, "secp192r1", 192},
    {"\x2B\x81\x04\x00\x21"sv, "secp224r1", 224},
    {"\x2B\x81\x04\x00\x0A"sv, "secp256k1", 256},
    {"\x2B\x24\x03\x03\x02\x08\x01\x01\x01"sv, "brainpoolP160r1", 160},
    {"\x2B\x24\x03\x03\x02\x08\x01\x01\x03"sv, "brainpoolP192r1", 192},
    {"\x2B\x24\x03\x03\x02\x08\x01\x01\x05"sv, "brainpoolP224r1", 224},
    {"\x2B\x24\x03\x03\x02\x08\x01\x01\x07"sv, "brainpoolP256r1", 256},
    {"\x2B\x24\x03\x03\x02\x08\x01\x01\x09"sv, "brainpoolP320r1", 320},
    {"\x2B\x24\x03\x03\x02\x08\x01\x01\x0B"sv, "brainpoolP384r1", 384},
    {"\x2B\x24\x03\x03\x02\x08\x01\x01\x0D"sv, "brainpoolP512r1", 512},
    {"\x2A\x81\x1C\xCF\x55\x01\x82\x2D"sv, "curveSM2", 256},
}};

Bytes magnitude(Bytes number) {
  while (!number.empty() && number[0] == 0) number = number.subspan(1);
  return number;
}

std::uint32_t bit_length(Bytes number) {
  number = magnitude(number);
  if (number.empty()) return 0;
  return static_cast<std::uint32_t>((number.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(number[0])));
}

/// read_rsa_key reads an RSAPublicKey (RFC 8017 appendix A.1.1).
void read_rsa_key(ByteReader reader, PublicKeyFields& fields) {
  ByteReader sequence{read_der(reader, DerTag::sequence, "RSAPublicKey").content, reader.scope()};
  fields.modulus = magnitude(read_der(sequence, DerTag::integer, "modulus").content);
  fields.exponent = magnitude(read_der(sequence, DerTag::integer, "publicExponent").content);
  fields.bits = bit_length(fields.modulus);
}

/// first_integer_bits counts the bits of the first INTEGER of a SEQUENCE: a DSA or DH prime (RFC 3279 sections 2.3.2 and 2.3.3).
std::uint32_t first_integer_bits(ByteReader reader) {
  ByteReader sequence{read_der(reader, DerTag::sequence, "sequence").content, reader.scope()};
  return bit_length(read_der(sequence, DerTag::integer, "integer").content);
}

/// bits_of_point: an uncompressed point is 04 and two coordinates.
std::uint32_t bits_of_point(Bytes point) {
  return point.size() < 3 ? 0 : static_cast<std::uint32_t>((point.size() - 1) * 8 / (point[0] == 4 ? 2 : 1));
}

void read_curve(ByteReader& parameters, Bytes point, PublicKeyFields& fields) {
  if (!next_der_is(parameters, DerTag::object_identifier)) {
    fields.curve = "explicit";
    fields.bits = bits_of_point(point);
    return;
  }
  const Bytes oid = read_der(parameters, "namedCurve").content;
  const auto known = std::ranges::find(kCurves, as_text(oid), &Curve::oid);
  fields.curve = known != kCurves.end() ? std::string{known->name} : object_text(oid, ObjectNaming::short_name);
  fields.bits = known != kCurves.end() ? known->bits : bits_of_point(point);
}

}  // namespace

PublicKeyFields read_public_key(Bytes subject_public_key_info) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{subject_public_key_info, scope};
  PublicKeyFields fields;
  ByteReader algorithm{read_der(reader, DerTag::sequence, "algorithm").content, scope};
  const Bytes oid = read_der(algorithm, DerTag::object_identifier, "algorithm").content;
  ByteReader bit_string{read_der(reader, DerTag::bit_string, "subjectPublicKey").content, scope};
  bit_string.require(bit_string.u8("unused_bits") == 0, "subjectPublicKey");
  reader.finished("subjectPublicKeyInfo");

  const auto known = std::ranges::find(kAlgorithms, as_text(oid), &Algorithm::oid);
  if (known == kAlgorithms.end()) {
    fields.algorithm = oid.empty() ? std::string{} : object_text(oid, ObjectNaming::long_name);
  } else {
    fields.algorithm = known->name;
    switch (known->kind) {
      case KeyKind::rsa: read_rsa_key(bit_string, fields); break;
      case KeyKind::dsa:
      case KeyKind::dh:
        if (algorithm.more()) fields.bits = first_integer_bits(algorithm);  // absent when inherited from the issuer
        break;
      case KeyKind::ec: read_curve(algorithm, bit_string.rest(), fields); break;
      case KeyKind::fixed: fields.bits = known->bits; break;
    }
  }
  fields.readable = scope.ok();
  return fields;
}

}  // namespace sealtrace
