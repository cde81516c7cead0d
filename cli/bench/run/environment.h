// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_RUN_ENVIRONMENT_H_
#define TESSERA_CLI_BENCH_RUN_ENVIRONMENT_H_

#include <nlohmann/json.hpp>

#include "cli/bench/suites/suite.h"

namespace tessera::bench {

// What a reader needs to know to read the figures: versions, models and their digests, what is in
// memory and where, the host that measured, its GPU. What cannot be had is left out; the host and
// the GPU are those of this machine, which need not be the engine's.
nlohmann::ordered_json DescribeEnvironment(Bench& bench);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_RUN_ENVIRONMENT_H_
