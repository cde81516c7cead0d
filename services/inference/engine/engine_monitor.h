// SPDX-License-Identifier: Apache-2.0
//
// Looks at the engine every few seconds, on a thread of its own, and keeps the catalog up to date.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_ENGINE_MONITOR_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_ENGINE_MONITOR_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/notification.h"
#include "common/http/http_client.h"
#include "services/inference/engine/model_catalog.h"

namespace tessera::inference {

// Thread-safe. The destructor stops the thread; a look in progress ends early, after the
// request that it waits for.
class EngineMonitor {
 public:
  struct Options {
    std::string url;
    absl::Duration interval = absl::Seconds(2);
    absl::Duration timeout = absl::Seconds(2);  // Of each of the few requests of one look.
  };

  // Starts looking at once. After each look `on_look` is called on the monitor's thread with the
  // snapshot that the catalog now holds. `http` and `catalog` must outlive the monitor.
  EngineMonitor(HttpClient& http, ModelCatalog& catalog, Options options,
                std::function<void(const EngineSnapshot&)> on_look);
  ~EngineMonitor();

 private:
  void Run();
  EngineSnapshot Look();
  absl::StatusOr<std::string> Get(const std::string& path);
  absl::StatusOr<std::string> Show(const std::string& model);
  absl::Status AskCapabilities(ModelFacts& facts);
  void AddModels(const std::string& tags_json, const EngineSnapshot& last, EngineSnapshot& next);

  HttpClient& http_;
  ModelCatalog& catalog_;
  const Options options_;
  const std::function<void(const EngineSnapshot&)> on_look_;
  Notification stop_;
  std::thread thread_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_ENGINE_MONITOR_H_
