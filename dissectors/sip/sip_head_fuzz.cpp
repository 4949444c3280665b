// A head that was read is the same with octets behind it, ends where its empty line does, and none of its cuts is whole.
#include <algorithm>
#include <cstdlib>

#include "dissectors/sip/sip_head.hpp"

using namespace sealtrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes{data, size};
  const auto head = parse_sip_head(bytes, 7);
  parse_sip_start(bytes);
  if (const auto cut = parse_sip_head_cut(bytes, 7); cut && cut->length != 0) std::abort();
  if (!head) return 0;
  if (head->length != find_sip_head_end(bytes, 0)) std::abort();
  const auto alone = parse_sip_head(bytes.first(head->length), 7);
  if (!alone || alone->dialog.call_id != head->dialog.call_id || alone->names.via.size() != head->names.via.size()) std::abort();
  if (head->names.via.size() > kMaxSipHops || head->names.record_route.size() > kMaxSipHops) std::abort();
  // Every length of a short head, and a sample of a long one's.
  const std::size_t step = 1 + head->length / 256;
  for (std::size_t length = 0; length < head->length; length += step) {
    const auto cut = parse_sip_head(bytes.first(length), 7);
    if (cut || cut.error().code != ParseErrorCode::need_more) std::abort();
  }
  return 0;
}
