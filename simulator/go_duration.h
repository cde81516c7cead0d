// SPDX-License-Identifier: Apache-2.0
//
// Durations as Go programs take them, with Go's error texts: what a keep_alive string must be.
#ifndef TESSERA_SIMULATOR_GO_DURATION_H_
#define TESSERA_SIMULATOR_GO_DURATION_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace tessera::simulator {

// Reads "30m", "1h30m", "-1s". On failure returns false and sets `error` to Go's text, for example
// `time: missing unit in duration "30"`.
bool ParseGoDuration(std::string_view text, absl::Duration* duration, std::string* error);

// keep_alive from a number of seconds; negative means for ever.
absl::Duration KeepAliveFromSeconds(double seconds);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_GO_DURATION_H_
