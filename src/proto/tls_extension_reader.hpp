// What the two hellos have in common: how a list of extensions and the content of one are read.
#pragma once

#include <cstddef>
#include <cstdint>

#include "proto/tls_handshake.hpp"

namespace sealtrace {

inline constexpr std::size_t kRandomBytes = 32;
inline constexpr std::size_t kMaxSessionIdBytes = 32;

/// read_extension reads one extension's content by `read(ByteReader&)` into `value`. False, and `value` as it was, when the content
/// is malformed or longer than what was read.
template <typename Read, typename Value>
bool read_extension(Bytes content, Read read, Value& value) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader data{content, scope};
  const auto result = read(data);
  data.finished("extension_data");
  if (scope.ok()) value = result;
  return scope.ok();
}

/// read_extension_list walks a hello's extensions. A list that is not well formed, or names a type twice (RFC 8446 section 4.2; noticed
/// for types below 64), is malformed.
template <typename Visit>
void read_extension_list(ByteReader list, Visit visit) {
  std::uint64_t seen = 0;
  while (list.more()) {
    Extension extension;
    const std::uint16_t type = list.u16("extension_type");
    if (type < 64) {
      const std::uint64_t bit = std::uint64_t{1} << type;
      list.require((seen & bit) == 0, "extension_type");
      seen |= bit;
    }
    extension.type = ExtensionType{type};
    extension.data = list.block16("extension_data").rest();
    if (list.scope().ok()) visit(extension);
  }
}

inline U16List even_list(ByteReader block) {
  block.require(block.remaining() % 2 == 0, "list");
  return U16List{block.rest()};
}
inline U16List u16_list_8(ByteReader& data) { return even_list(data.block8("list")); }
inline U16List u16_list_16(ByteReader& data) { return even_list(data.block16("list")); }
inline Bytes octets_8(ByteReader& data) { return data.block8("list").rest(); }
inline std::uint8_t one_octet(ByteReader& data) { return data.u8("value"); }

/// srtp_profiles_of reads a UseSRTPData (RFC 5764 section 4.1.1) and drops the MKI.
inline U16List srtp_profiles_of(ByteReader& data) {
  const U16List profiles = even_list(data.block16("SRTPProtectionProfiles"));
  data.block8("srtp_mki");
  return profiles;
}

/// protocol_names_of reads a ProtocolNameList (RFC 7301 section 3.1).
inline BlockList<1> protocol_names_of(ByteReader& data) {
  const BlockList<1> names{data.block16("protocol_name_list").rest()};
  data.require(names.well_formed(), "protocol_name_list");
  return names;
}

}  // namespace sealtrace
