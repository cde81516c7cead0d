// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_BENCH_COMMAND_H_
#define TESSERA_CLI_BENCH_BENCH_COMMAND_H_

#include <memory>
#include <string>
#include <vector>

#include "cli/bench/record/record.h"
#include "cli/bench/run/stop_flag.h"
#include "cli/bench/suites/suite.h"
#include "cli/commands/command.h"

namespace tessera::bench {

// `tessera bench ...`: one word more says what to measure; none measures everything that a
// deployment can be asked without changing it.
class BenchCommand : public cli::Command {
 public:
  BenchCommand();

  CLI::App* Declare(CLI::App& program) override;
  int Run(cli::Session& session) override;

 private:
  struct Entry {
    std::unique_ptr<Suite> suite;
    bool in_full_run;
    CLI::App* declared = nullptr;
  };

  std::vector<Suite*> Chosen() const;
  absl::Status RunSuites(Bench& bench, Report& report);
  // What --from names, one after the other; the surroundings are those of the first.
  absl::StatusOr<Report> Kept() const;
  // Everything that is made of a report. OK even where checks failed.
  absl::Status Deliver(cli::Session& session, Report& report);

  std::vector<Entry> entries_;
  BenchOptions options_;
  std::vector<std::string> from_paths_;
  std::string save_path_;
  std::string html_path_;
  std::string baseline_path_;
};

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_BENCH_COMMAND_H_
