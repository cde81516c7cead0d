// SPDX-License-Identifier: Apache-2.0
//
// Times as they appear on the wire. Formatting the seconds is the slow part, so they are kept from
// one call to the next.
#ifndef TESSERA_SIMULATOR_TIMESTAMPS_H_
#define TESSERA_SIMULATOR_TIMESTAMPS_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace tessera::simulator {

// RFC 3339 in UTC with as many fractional digits as needed, as in
// "2026-11-22T23:53:04.87484298Z". Thread-safe.
std::string Rfc3339Nano(absl::Time time);
// The same for now.
std::string NowRfc3339();

// The value of a Date header for now, as in "Sun, 22 Nov 2026 23:53:04 GMT". The view holds until
// the same thread calls again.
std::string_view HttpDateNow();

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_TIMESTAMPS_H_
