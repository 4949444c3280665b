// Packets and messages of the Tabular Data Stream ([MS-TDS]) as an observer reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/application_facts.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {

/// TdsPacketType ([MS-TDS] section 2.2.3.1.1).
enum class TdsPacketType : std::uint8_t {
  sql_batch = 0x01,
  pre_tds7_login = 0x02,
  rpc = 0x03,
  tabular_result = 0x04,
  attention = 0x06,
  bulk_load = 0x07,
  federated_authentication_token = 0x08,
  transaction_manager = 0x0E,
  login7 = 0x10,
  sspi = 0x11,
  prelogin = 0x12,
};

/// TdsPacketHeader ([MS-TDS] section 2.2.3.1); `length` counts the header too.
struct TdsPacketHeader {
  TdsPacketType type{};
  std::uint8_t status = 0;
  std::uint16_t length = 0;
  std::uint8_t packet_id = 0;
};
inline constexpr std::size_t kTdsHeaderBytes = 8;
/// parse_tds_header reads eight octets. Fails as unsupported for a type that is not assigned, as malformed for a length below 8, status
/// bits that are not assigned, or a Window other than 0.
Parsed<TdsPacketHeader> parse_tds_header(Bytes stream);

/// TdsPreloginMessage is the options of PRELOGIN ([MS-TDS] section 2.2.6.5).
struct TdsPreloginMessage {
  std::optional<TdsEncryption> encryption;
};
/// parse_tds_prelogin reads the payload of one packet. VERSION has to be the first option. Fails as malformed for options that point
/// outside the payload or do not end.
Parsed<TdsPreloginMessage> parse_tds_prelogin(Bytes payload);

/// TdsLogin7 is what is read of LOGIN7 ([MS-TDS] section 2.2.6.4). `sspi` is borrowed.
struct TdsLogin7 {
  bool integrated = false;  ///< fIntSecurity: the client proves itself with SSPI
  bool user_name = false;   ///< a user name or a password is present
  Bytes sspi;
};
inline constexpr std::size_t kTdsLogin7FixedBytes = 94;
/// parse_tds_login7 reads the payload from its start; `payload` is the whole or the front of it. An SSPI token outside of it is left empty.
Parsed<TdsLogin7> parse_tds_login7(Bytes payload);

/// tds_has_all_headers says whether a request begins with the headers that TDS 7.2 puts before it ([MS-TDS] section 2.2.5.3), of which
/// every request has the transaction descriptor. need_more below ten octets.
Parsed<bool> tds_has_all_headers(Bytes payload);

}  // namespace sealtrace
