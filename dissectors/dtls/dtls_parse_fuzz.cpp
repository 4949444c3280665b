// Oracle: a header that is read from a prefix reads the same from the whole; what is short of a header is never one; octets in
// the clear that are recognised stay recognised when a snaplen leaves their first hello, or are refused for what is missing.
#include <cstdlib>

#include "dissectors/dtls/dtls_parse.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

template <typename Parse>
void check_prefixes(sealtrace::Bytes bytes, std::size_t longest_header, Parse parse) {
  const auto whole = parse(bytes);
  bool was_ok = false;
  for (std::size_t length = 0; length <= std::min(bytes.size(), longest_header); ++length) {
    const auto part = parse(bytes.first(length));
    require(!was_ok || part.has_value());
    if (part) require(whole.has_value());
    if (!part && whole) require(part.error().code == sealtrace::ParseErrorCode::need_more);
    was_ok = part.has_value();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealtrace;
  const Bytes bytes{data, size};
  check_prefixes(bytes, kDtlsRecordHeaderBytes, [](Bytes part) { return parse_dtls_record_header(part); });
  check_prefixes(bytes, kDtlsHandshakeHeaderBytes, [](Bytes part) { return parse_dtls_handshake_header(part); });
  check_prefixes(bytes, 5, [](Bytes part) { return parse_unified_header(part); });
  if (const auto header = parse_dtls_handshake_header(bytes)) {
    require(std::uint64_t{header->fragment_offset} + header->fragment_length <= header->length);
  }
  if (looks_like_dtls(bytes)) require(parse_dtls_record_header(bytes).has_value());
  return 0;
}
