// QuicPeers: the packets of a QUIC client and server, for tests and the fuzz target. No product code includes this.
#pragma once

#include <string>
#include <string_view>

#include "crypto/quic_initial_seal.hpp"
#include "dissect/scripted_flow.hpp"
#include "dissectors/quic/quic_parse.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace::testing::quic {

inline std::string octets(std::string_view hex) { return std::string{as_text(Bytes{annotated_hex(hex)})}; }

/// kClientHello and kServerHello are the messages of RFC 9001 appendices A.2 and A.3.
inline const std::string kClientHello = octets(R"(
    010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578616d706c652e
    636f6dff01000100000a00080006001d0017001800100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753d
    e171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffff
    ffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff)");
inline const std::string kServerHello = octets(R"(
    020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c940d89690b84d08a60993c14
    4eca684d1081287c834d5311bcf32bb9da1a002b00020304)");

inline std::string crypto(std::size_t offset, std::string_view data) {
  std::string frame{"\x06"};
  for (const std::size_t number : {offset, data.size()}) {
    frame += static_cast<char>(0x40 | number >> 8);
    frame += static_cast<char>(number & 0xFF);
  }
  return frame.append(data);
}

/// handshake_error is a CONNECTION_CLOSE with an alert's number.
inline std::string handshake_error(std::uint8_t alert) { return octets("1C 41") + static_cast<char>(alert) + octets("00 00"); }

/// QuicPeers seals. A Retry's new connection id is taken up by `keys_of`.
class QuicPeers {
 public:
  explicit QuicPeers(std::string_view id = "8394c8f03e515708", std::string_view version = "00000001", std::string_view initial_type = "C0")
      : id_{octets(id)}, version_{octets(version)}, type_{octets(initial_type)}, keys_{number(version_), as_bytes(id_)} {}

  /// client and server make a datagram with one Initial packet, padded as the client's has to be.
  [[nodiscard]] Said client(std::string frames, std::uint8_t packet_number = 0, std::size_t datagram_bytes = 1200) const {
    const std::string header = type_ + version_ + static_cast<char>(id_.size()) + id_ + std::string(1, '\0') + std::string(1, '\0');
    const std::size_t around = header.size() + 2 + 1 + 16;
    if (around + frames.size() < datagram_bytes) frames.append(datagram_bytes - around - frames.size(), '\0');
    return from_client(seal_quic_initial(keys_.of(Side::initiator), header, packet_number, frames));
  }
  [[nodiscard]] Said server(std::string frames, std::uint8_t packet_number = 0) const {
    const std::string header = type_ + version_ + std::string(1, '\0') + octets("04 0a0b0c0d") + std::string(1, '\0');
    frames.append(4, '\0');
    return from_server(seal_quic_initial(keys_.of(Side::responder), header, packet_number, frames));
  }

 private:
  static std::uint32_t number(std::string_view text) {
    std::uint32_t value = 0;
    for (const char c : text) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
  }
  std::string id_;
  std::string version_;
  std::string type_;
  QuicInitialKeys keys_;
};

/// client_short and server_short are packets with a short header.
inline Said client_short(std::string_view first = "40") { return from_client(octets(first) + std::string(30, 'x')); }
inline Said server_short(std::string_view first = "41") { return from_server(octets(first) + std::string(30, 'y')); }

}  // namespace sealtrace::testing::quic
