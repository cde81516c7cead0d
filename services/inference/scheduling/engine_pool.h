// SPDX-License-Identifier: Apache-2.0
//
// All engines of the service, each with its client, its catalog, its monitor and its lanes.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_ENGINE_POOL_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_ENGINE_POOL_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/http/http_client.h"
#include "services/inference/engine/engine_monitor.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/engine/ollama_engine.h"
#include "services/inference/engine/ollama_model_memory.h"
#include "services/inference/scheduling/backend.h"
#include "services/inference/scheduling/clock.h"
#include "services/inference/scheduling/model_keeper.h"
#include "services/inference/scheduling/scheduling_metrics.h"

namespace tessera::inference {

// Thread-safe.
class EnginePool {
 public:
  struct Options {
    std::vector<std::string> urls;  // At least one.
    OllamaOptions engine;           // `url` aside.
    SlotRules slots;
    LaneLimits limits;
    ModelKeeper::Options keeper;
    absl::Duration check_interval = absl::Seconds(2);
  };

  // All must outlive the pool.
  EnginePool(Options options, HttpClient& http, const ModelProfiles& profiles,
             SchedulingMetrics& metrics, const Clock& clock);
  ~EnginePool();

  std::vector<Backend*> backends();
  // What all engines together have: the catalog that requests are checked against.
  const ModelCatalog& catalog() const { return catalog_; }

  // Begins to look at the engines. `on_look` is called after each look at any of them, on the
  // thread of its monitor, one at a time, with what catalog() holds then. Call once.
  void StartMonitors(std::function<void(const EngineSnapshot&)> on_look);
  // Waits for looks in progress.
  void StopMonitors();

 private:
  struct Engine {
    Engine(uint32_t number, const Options& options, HttpClient& http, const ModelProfiles& profiles,
           SchedulingMetrics& metrics, const Clock& clock);

    const std::string url;
    const std::string name;
    ModelCatalog catalog;
    OllamaEngine client;
    OllamaModelMemory memory;
    Backend backend;
    ModelKeeper keeper;
    std::unique_ptr<EngineMonitor> monitor;
  };

  void OnLook(Engine& engine, const EngineSnapshot& snapshot);
  EngineSnapshot Merged() const;

  const Options options_;
  HttpClient& http_;
  SchedulingMetrics& metrics_;
  const Clock& clock_;
  ModelCatalog catalog_;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::function<void(const EngineSnapshot&)> on_look_;
  Mutex looking_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_ENGINE_POOL_H_
