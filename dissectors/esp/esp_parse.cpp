#include "dissectors/esp/esp_parse.hpp"

namespace sealtrace {

Parsed<EspHeader> parse_esp(Bytes packet) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{packet, scope};
  EspHeader header;
  header.spi = reader.u32("SPI");
  reader.require(header.spi > kLastReservedSpi || !scope.ok(), "SPI");
  header.sequence_number = reader.u32("Sequence Number");
  header.payload = reader.rest();
  return scope.finish(header);
}

}  // namespace sealtrace
