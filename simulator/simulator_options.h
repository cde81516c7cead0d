// SPDX-License-Identifier: Apache-2.0
//
// What a simulated Ollama is started with; the OLLAMA_* variables have a field each where the
// simulator knows them.
#ifndef TESSERA_SIMULATOR_SIMULATOR_OPTIONS_H_
#define TESSERA_SIMULATOR_SIMULATOR_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "simulator/model_spec.h"

namespace tessera::simulator {

struct SimulatorOptions {
  std::string address = "127.0.0.1";  // loopback only
  uint16_t port = 0;                  // 0: any free one
  int io_threads = 1;                 // one is enough for about half a machine with two cores
  std::string version = "0.33.0";
  EngineGeneration generation = EngineGeneration::kCurrent;

  std::vector<ModelSpec> models = DefaultModels();
  // What /api/pull can fetch, besides the models above.
  std::vector<ModelSpec> registry;
  bool registry_reachable = true;
  double pull_bytes_per_second = 0;  // 0: no time

  size_t max_queue = 512;                        // OLLAMA_MAX_QUEUE
  int max_loaded_models = 3;                     // OLLAMA_MAX_LOADED_MODELS
  absl::Duration keep_alive = absl::Minutes(5);  // OLLAMA_KEEP_ALIVE
  int context_length = 4096;                     // OLLAMA_CONTEXT_LENGTH
  int64_t vram_bytes = 0;                        // evicts when loaded models exceed it; 0: never

  // A streaming client that disconnects while the generator is blocked sending to it wedges the
  // model, as it does in Ollama about four times in five.
  bool wedge_on_blocked_cancel = false;

  size_t max_body_bytes = 100u << 20;  // beyond: 413 with an empty error, as llama-server says
  size_t keep_records = 10'000;        // requests that the journal remembers
  uint64_t seed = 1;                   // of rules with a probability, and of jitter
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_SIMULATOR_OPTIONS_H_
