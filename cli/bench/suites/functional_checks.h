// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_SUITES_FUNCTIONAL_CHECKS_H_
#define TESSERA_CLI_BENCH_SUITES_FUNCTIONAL_CHECKS_H_

#include <functional>
#include <string>
#include <vector>

#include "cli/bench/suites/suite.h"

namespace tessera::bench {

struct CheckResult {
  Outcome outcome = Outcome::kPassed;
  std::string detail;
};

struct FunctionalCheck {
  std::string name;  // "front door: generate, streamed".
  std::function<CheckResult()> run;
};

// All that can be asked of the deployment, in an order in which the first requests load the models.
// What the checks refer to in `bench` must outlive them.
std::vector<FunctionalCheck> FunctionalChecks(Bench& bench);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_SUITES_FUNCTIONAL_CHECKS_H_
