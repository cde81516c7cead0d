// SPDX-License-Identifier: Apache-2.0
//
// Whether a live deployment does what it is there for, at each of its doors.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <vector>

#include "absl/time/clock.h"
#include "cli/bench/suites/functional_checks.h"
#include "cli/bench/suites/suite.h"
#include "common/status/error.h"

namespace tessera::bench {
namespace {

class FunctionalSuite : public Suite {
 public:
  CLI::App* Declare(CLI::App& bench) override {
    CLI::App* const app =
        bench.add_subcommand("functional", "Whether a live deployment does what it should");
    app->footer(
        "Examples:\n"
        "  tessera bench functional\n"
        "  tessera bench functional --inference-address gpu-host:7001 --metrics-url "
        "http://127.0.0.1:9100\n"
        "\n"
        "A feature that this deployment does not offer is skipped, with the reason. The exit code "
        "is 1\n"
        "when a check fails.");
    return app;
  }

  absl::Status Run(Bench& bench, SuiteRecord& record) override {
    record.name = "functional";
    const std::vector<FunctionalCheck> checks = FunctionalChecks(bench);
    bench.progress.Begin("functional", static_cast<int>(checks.size()));
    for (const FunctionalCheck& check : checks) {
      if (bench.stop.raised()) break;
      bench.progress.Step(check.name);
      const absl::Time begin = absl::Now();
      const CheckResult result = check.run();
      if (bench.stop.raised()) break;  // What was cut off says nothing.
      record.checks.push_back({.name = check.name,
                               .outcome = result.outcome,
                               .detail = result.detail,
                               .seconds = absl::ToDoubleSeconds(absl::Now() - begin)});
    }
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Suite> MakeFunctionalSuite() { return std::make_unique<FunctionalSuite>(); }

}  // namespace tessera::bench
