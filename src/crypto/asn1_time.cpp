#include "crypto/asn1_time.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <chrono>
#include <ctime>

namespace sealtrace {

std::optional<Timestamp> instant_of(const ASN1_TIME* time) {
  using namespace std::chrono;
  std::tm broken_down{};
  const bool read = time != nullptr && ASN1_TIME_to_tm(time, &broken_down) == 1;
  ERR_clear_error();
  if (!read) return std::nullopt;
  const sys_days date = year{broken_down.tm_year + 1900} / (broken_down.tm_mon + 1) / broken_down.tm_mday;
  const sys_seconds instant = date + hours{broken_down.tm_hour} + minutes{broken_down.tm_min} + seconds{broken_down.tm_sec};
  return std::clamp(instant, ceil<seconds>(Timestamp::min()), floor<seconds>(Timestamp::max()));
}

}  // namespace sealtrace
