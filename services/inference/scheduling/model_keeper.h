// SPDX-License-Identifier: Apache-2.0
//
// Keeps some models in an engine's memory.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_MODEL_KEEPER_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_MODEL_KEEPER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/engine/runtime_options.h"
#include "services/inference/scheduling/backend.h"
#include "services/inference/scheduling/clock.h"
#include "services/inference/scheduling/scheduling_metrics.h"

namespace tessera::inference {

// After each look at the engine: a model that should be in memory and is not is loaded, one after
// another; the stay of one that is there is renewed before it ends. Models that the engine does not
// have are left out, and come in when it gets them. A model that keeps disappearing, because there
// is no room for it beside what else is used, is loaded ever more rarely. Never waits. Thread-safe.
class ModelKeeper {
 public:
  struct Options {
    std::vector<std::string> models;  // Loaded in this order.
    absl::Duration keep_alive = absl::Minutes(30);
    absl::Duration load_timeout = absl::Minutes(10);
    absl::Duration first_pause = absl::Seconds(5);  // After a load; doubles.
    absl::Duration longest_pause = absl::Minutes(10);
  };

  // `backend`, `profiles`, `metrics` and `clock` must outlive the keeper and its requests.
  ModelKeeper(Options options, Backend& backend, const ModelProfiles& profiles,
              SchedulingMetrics& metrics, const Clock& clock);
  // Waits for nothing: answers that come later are ignored.
  ~ModelKeeper() = default;

  void OnLook(const EngineSnapshot& snapshot);

 private:
  struct Kept {
    std::string model;
    absl::Time next_load = absl::InfinitePast();
    absl::Time renewed_at = absl::InfinitePast();
    absl::Time loaded_at = absl::InfinitePast();
    absl::Duration pause;
  };
  struct State {
    Mutex mutex;
    std::vector<Kept> kept ABSL_GUARDED_BY(mutex);
    bool busy ABSL_GUARDED_BY(mutex) = false;
  };

  void Ask(size_t index, const std::string& model, bool embeds, bool renewal);

  const Options options_;
  Backend& backend_;
  const ModelProfiles& profiles_;
  SchedulingMetrics& metrics_;
  const Clock& clock_;
  const std::shared_ptr<State> state_;  // Shared with the answers under way.
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_MODEL_KEEPER_H_
