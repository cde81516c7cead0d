// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_ASK_OLLAMA_ASKER_H_
#define TESSERA_CLI_BENCH_ASK_OLLAMA_ASKER_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "cli/bench/ask/asker.h"
#include "cli/bench/run/stop_flag.h"

namespace tessera::bench {

// Asks an Ollama itself at `url` (http://host:port), streaming, with the same options as Tessera
// sends. `stop` must outlive it.
absl::StatusOr<std::unique_ptr<Asker>> MakeOllamaAsker(const std::string& url,
                                                       absl::Duration timeout, StopFlag& stop);

// GET of a small page, for what a report says of its surroundings.
absl::StatusOr<std::string> Fetch(const std::string& url, absl::Duration timeout);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_ASK_OLLAMA_ASKER_H_
