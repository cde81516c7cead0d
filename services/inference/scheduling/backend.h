// SPDX-License-Identifier: Apache-2.0
//
// One engine and its lanes.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_BACKEND_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_BACKEND_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/engine/model_engine.h"
#include "services/inference/engine/model_memory.h"
#include "services/inference/scheduling/model_lane.h"
#include "services/inference/scheduling/scheduling_metrics.h"

namespace tessera::inference {

// How many slots models have where that is known.
struct SlotRules {
  std::map<std::string, uint32_t, std::less<>> of_model;  // With or without ":latest".
  // What the engines were started with (OLLAMA_NUM_PARALLEL); unset: to be learnt. Models that have
  // one slot in any case have one.
  std::optional<uint32_t> num_parallel;

  std::optional<uint32_t> For(const ModelFacts& model) const;
};

// Thread-safe. Lanes live as long as the backend.
class Backend {
 public:
  struct Options {
    uint32_t number = 0;
    std::string name;  // For metrics and logs: "127.0.0.1:11434".
    SlotRules slots;
    LaneLimits limits;
  };

  // All must outlive the backend.
  Backend(Options options, ModelEngine& engine, ModelMemory& memory, const ModelCatalog& catalog,
          SchedulingMetrics& metrics);

  uint32_t number() const { return options_.number; }
  const std::string& name() const { return options_.name; }
  ModelEngine& engine() { return engine_; }
  ModelMemory& memory() { return memory_; }
  std::shared_ptr<const EngineSnapshot> snapshot() const { return catalog_.Latest(); }

  // The lane of `model`. Models that the engine does not have share one, so that what callers make
  // up does not pile up.
  ModelLane& LaneOf(std::string_view model, const EngineSnapshot& snapshot);
  std::vector<ModelLane*> lanes() const;

  // Tells the lanes what a look at the engine has shown.
  void OnLook(const EngineSnapshot& snapshot, absl::Time now);

  // It did not let us connect, or broke connections. Others are preferred for a moment.
  void OnUnreachable(absl::Time now);
  bool IsSuspect(absl::Time now) const;

  // Loading `model`, which is not loaded, may displace another one that is in use.
  bool WouldDisplace(const ModelFacts* model, const EngineSnapshot& snapshot, absl::Time now) const;

 private:
  ModelLane* Find(std::string_view model) const;

  const Options options_;
  ModelEngine& engine_;
  ModelMemory& memory_;
  const ModelCatalog& catalog_;
  SchedulingMetrics& metrics_;
  std::atomic<int64_t> suspect_until_ns_{0};

  mutable Mutex mutex_;
  std::map<std::string, std::unique_ptr<ModelLane>, std::less<>> lanes_ ABSL_GUARDED_BY(mutex_);
  uint64_t most_loaded_bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // Ever, of all models together.
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_BACKEND_H_
