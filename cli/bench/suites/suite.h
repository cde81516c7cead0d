// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_SUITES_SUITE_H_
#define TESSERA_CLI_BENCH_SUITES_SUITE_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "cli/bench/record/record.h"
#include "cli/bench/run/bench_progress.h"
#include "cli/bench/run/stop_flag.h"
#include "cli/session.h"

namespace CLI {
class App;
}

namespace tessera::bench {

// What every suite is told.
struct BenchOptions {
  std::string model;        // Empty: the server's defaults.
  std::string ollama_url;   // Empty: the engine is not asked directly.
  std::string metrics_url;  // Empty: /metrics is not looked at.
  int runs = 0;             // 0: the suite's own.
};

// What a suite works with. Used by the thread that runs the suites.
struct Bench {
  cli::Session& session;
  BenchOptions options;
  cli::Connection front;
  std::optional<cli::Connection> inference;  // The GPU host's door, where it was named.
  StopFlag& stop;
  BenchProgress& progress;
};

// One kind of measurement.
class Suite {
 public:
  virtual ~Suite() = default;
  // Adds its command with its own options.
  virtual CLI::App* Declare(CLI::App& bench) = 0;
  // Measures until it is done or the flag is raised. What is in `record` stays valid either way,
  // and after an error too.
  virtual absl::Status Run(Bench& bench, SuiteRecord& record) = 0;
};

std::unique_ptr<Suite> MakeFunctionalSuite();
std::unique_ptr<Suite> MakeTextSuite();
std::unique_ptr<Suite> MakeVisionSuite();
std::unique_ptr<Suite> MakeLoadSuite();
std::unique_ptr<Suite> MakeCompareSuite();
std::unique_ptr<Suite> MakeTuneSuite();

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_SUITES_SUITE_H_
