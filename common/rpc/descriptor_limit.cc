// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/descriptor_limit.h"

#include <sys/resource.h>

namespace tessera {

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  // Where it is refused, what there is has to do; the metric of open descriptors tells.
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace tessera
