// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_LOAD_OLLAMA_TARGET_H_
#define TESSERA_CLI_BENCH_LOAD_OLLAMA_TARGET_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/bench/load/target.h"

namespace tessera::bench {

// Asks the Ollama at `url` (http://host:port) itself, streaming, as tessera-inference would. The
// model must be named; pictures go as the files they are. An answer counts once its last line has
// come. `timeout` is for one request.
absl::StatusOr<std::unique_ptr<Target>> MakeOllamaTarget(const std::string& url,
                                                         const LoadQuestion& question,
                                                         absl::Duration timeout);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_LOAD_OLLAMA_TARGET_H_
