// SPDX-License-Identifier: Apache-2.0
#include "simulator/timestamps.h"

#include <cstdint>

#include "absl/time/clock.h"

namespace tessera::simulator {

std::string Rfc3339Nano(absl::Time time) {
  thread_local int64_t second = -1;
  thread_local std::string prefix;
  // Not by way of all nanoseconds since 1970, for those end in 2262 and "for ever" is later.
  const int64_t this_second = absl::ToUnixSeconds(time);
  if (this_second != second) {
    second = this_second;
    prefix =
        absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::FromUnixSeconds(second), absl::UTCTimeZone());
  }
  int64_t fraction = absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(second));
  std::string text = prefix;
  if (fraction > 0) {
    char digits[10];
    digits[0] = '.';
    for (int i = 9; i > 0; --i) {
      digits[i] = static_cast<char>('0' + fraction % 10);
      fraction /= 10;
    }
    size_t length = sizeof(digits);
    while (digits[length - 1] == '0') {
      --length;
    }
    text.append(digits, length);
  }
  text += 'Z';
  return text;
}

std::string NowRfc3339() { return Rfc3339Nano(absl::Now()); }

std::string_view HttpDateNow() {
  thread_local int64_t second = -1;
  thread_local std::string date;
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  if (now != second) {
    second = now;
    date = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::FromUnixSeconds(now),
                            absl::UTCTimeZone());
  }
  return date;
}

}  // namespace tessera::simulator
