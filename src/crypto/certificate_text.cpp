#include "crypto/certificate_text.hpp"

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "crypto/free_by.hpp"

namespace sealtrace {

std::size_t utf8_length(Bytes octets) {
  const std::uint8_t first = octets[0];
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || octets.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((octets[i] & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && octets[1] < 0xA0) || (first == 0xF0 && octets[1] < 0x90);
  const bool surrogate = first == 0xED && octets[1] >= 0xA0;
  const bool beyond_unicode = first == 0xF4 && octets[1] >= 0x90;
  return overlong || surrogate || beyond_unicode ? 0 : length;
}

bool is_control(Bytes sequence) {
  if (sequence.size() == 1) return sequence[0] < 0x20 || sequence[0] == 0x7F;
  return sequence.size() == 2 && sequence[0] == 0xC2 && sequence[1] < 0xA0;
}

std::string escaped_text(Bytes octets) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(octets.size());
  while (!octets.empty()) {
    const std::size_t length = utf8_length(octets);
    const Bytes sequence = octets.first(length == 0 ? 1 : length);
    if (length != 0 && !is_control(sequence)) {
      text.append(as_text(sequence));
    } else {
      for (const std::uint8_t octet : sequence) {
        text.append("\\x");
        text.push_back(kDigits[octet >> 4]);
        text.push_back(kDigits[octet & 0x0F]);
      }
    }
    octets = octets.subspan(sequence.size());
  }
  return text;
}

std::string object_text(Bytes content, ObjectNaming naming) {
  constexpr std::string_view kInvalid = "invalid object identifier";
  constexpr std::size_t kMaxContentBytes = 120;  // longer ones are no object anybody registered
  if (content.empty() || content.size() > kMaxContentBytes) return std::string{kInvalid};
  std::array<std::uint8_t, 2 + kMaxContentBytes> der{0x06, static_cast<std::uint8_t>(content.size())};
  std::ranges::copy(content, der.begin() + 2);
  const unsigned char* at = der.data();
  const Owned<ASN1_OBJECT, ASN1_OBJECT_free> object{d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(content.size() + 2))};
  if (object == nullptr) return std::string{kInvalid};
  const int nid = OBJ_obj2nid(object.get());
  if (nid != NID_undef) return naming == ObjectNaming::short_name ? OBJ_nid2sn(nid) : OBJ_nid2ln(nid);
  std::array<char, 512> dotted{};
  const int length = OBJ_obj2txt(dotted.data(), static_cast<int>(dotted.size()), object.get(), 1);
  return length <= 0 ? std::string{kInvalid} : std::string{dotted.data()};
}

}  // namespace sealtrace
