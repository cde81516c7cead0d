// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_RUN_ENGINE_PROCESS_H_
#define TESSERA_CLI_BENCH_RUN_ENGINE_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::bench {

// What an Ollama is started with.
struct EngineSetup {
  std::string binary;  // "ollama" is looked for on PATH.
  std::string models;  // Folder of its models; empty: its own default.
  std::vector<std::pair<std::string, std::string>> environment;  // Added to this process's.
};

// An Ollama of our own on a free port of loopback. Ended, with every process below it, by the
// destructor; nothing else is touched.
class EngineProcess {
 public:
  // Waits until it answers, at most a minute. UNAVAILABLE, reason ENGINE_NOT_STARTED.
  static absl::StatusOr<std::unique_ptr<EngineProcess>> Start(const EngineSetup& setup);
  ~EngineProcess();

  EngineProcess(const EngineProcess&) = delete;
  EngineProcess& operator=(const EngineProcess&) = delete;

  const std::string& url() const { return url_; }

 private:
  EngineProcess(pid_t pid, std::string url) : pid_(pid), url_(std::move(url)) {}

  const pid_t pid_;
  const std::string url_;
};

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_RUN_ENGINE_PROCESS_H_
