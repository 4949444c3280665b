#include "crypto/certificate_decompress.hpp"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

namespace sealtrace {
namespace {

enum class Algorithm : std::uint16_t { zlib = 1, brotli = 2, zstd = 3 };

}  // namespace

std::optional<std::vector<std::uint8_t>> decompress_certificate(std::uint16_t algorithm, Bytes octets, std::size_t uncompressed_length) {
  if (uncompressed_length == 0 || uncompressed_length > kMaxCertificateMessageBytes) return std::nullopt;
  std::vector<std::uint8_t> output(uncompressed_length);
  std::size_t written = 0;
  switch (Algorithm{algorithm}) {
    case Algorithm::zlib: {
      uLongf length = output.size();
      if (::uncompress(output.data(), &length, octets.data(), octets.size()) == Z_OK) written = length;
      break;
    }
    case Algorithm::brotli: {
      std::size_t length = output.size();
      if (BrotliDecoderDecompress(octets.size(), octets.data(), &length, output.data()) == BROTLI_DECODER_RESULT_SUCCESS) written = length;
      break;
    }
    case Algorithm::zstd: {
      const std::size_t length = ZSTD_decompress(output.data(), output.size(), octets.data(), octets.size());
      if (ZSTD_isError(length) == 0U) written = length;
      break;
    }
  }
  if (written != uncompressed_length) return std::nullopt;
  return output;
}

}  // namespace sealtrace
