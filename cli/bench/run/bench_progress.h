// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_RUN_BENCH_PROGRESS_H_
#define TESSERA_CLI_BENCH_RUN_BENCH_PROGRESS_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "cli/session.h"

namespace tessera::bench {

// How far a run of known length has come. On a terminal one line with a bar and the time left; in a
// pipe a line for each tenth. Used by one thread.
class BenchProgress {
 public:
  explicit BenchProgress(cli::Session& session) : session_(session) {}

  // A suite of `steps` begins; more may be added while it runs.
  void Begin(std::string_view suite, int steps);
  // The next step is `what`; the one before is done.
  void Step(std::string_view what);
  // The run may end before its steps do.
  void End();

 private:
  cli::Session& session_;
  std::string suite_;
  int steps_ = 0;
  int step_ = 0;
  int told_tenths_ = 0;
  absl::Time begun_;
};

// "[====>     ]  45 %  text: 500 tokens, 0:12 left". For tests.
std::string BenchProgressText(std::string_view suite, std::string_view what, double share,
                              std::optional<absl::Duration> left);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_RUN_BENCH_PROGRESS_H_
