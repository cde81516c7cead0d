// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/call_deadline.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace tessera {

absl::Time CallDeadline(const grpc::ServerContextBase& context, absl::Duration longest) {
  const absl::Time bound = absl::Now() + longest;
  const auto given = context.deadline();
  if (given == std::chrono::system_clock::time_point::max()) return bound;
  return std::min(bound, absl::FromChrono(given));
}

}  // namespace tessera
