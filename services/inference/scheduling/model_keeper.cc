// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/model_keeper.h"

#include <algorithm>
#include <utility>

#include "common/logging/log.h"

namespace tessera::inference {

ModelKeeper::ModelKeeper(Options options, Backend& backend, const ModelProfiles& profiles,
                         SchedulingMetrics& metrics, const Clock& clock)
    : options_(std::move(options)),
      backend_(backend),
      profiles_(profiles),
      metrics_(metrics),
      clock_(clock),
      state_(std::make_shared<State>()) {
  MutexLock lock(&state_->mutex);
  for (const std::string& model : options_.models) {
    state_->kept.push_back({.model = model, .pause = options_.first_pause});
  }
}

void ModelKeeper::OnLook(const EngineSnapshot& snapshot) {
  const absl::Time now = clock_.Now();
  size_t index = 0;
  const ModelFacts* facts = nullptr;
  bool renewal = false;
  {
    MutexLock lock(&state_->mutex);
    if (!snapshot.reachable) {
      // A new process starts with a clean slate.
      for (Kept& kept : state_->kept) {
        kept = {.model = kept.model, .pause = options_.first_pause};
      }
      return;
    }
    if (state_->busy) return;
    for (index = 0; index < state_->kept.size(); ++index) {
      Kept& kept = state_->kept[index];
      facts = snapshot.Find(kept.model);
      if (facts == nullptr) continue;
      renewal = snapshot.FindLoaded(facts->name) != nullptr;
      if (renewal && now - kept.loaded_at > options_.longest_pause) {
        kept.pause = options_.first_pause;
      }
      if (renewal ? now - kept.renewed_at >= options_.keep_alive / 3
                  : now >= kept.next_load && !backend_.WouldDisplace(facts, snapshot, now)) {
        break;
      }
    }
    if (index == state_->kept.size()) return;
    Kept& kept = state_->kept[index];
    state_->busy = true;
    if (!renewal) {
      kept.next_load = now + kept.pause;
      kept.pause = std::min(kept.pause * 2, options_.longest_pause);
    }
  }
  Ask(index, facts->name, facts->Can("embedding") && !facts->Can("completion"), renewal);
}

void ModelKeeper::Ask(size_t index, const std::string& model, bool embeds, bool renewal) {
  if (!renewal) {
    LogInfo("loading a model that is to stay", {{"backend", backend_.name()}, {"model", model}});
  }
  backend_.memory().Load(
      model, profiles_.Of(model), embeds, options_.keep_alive, options_.load_timeout,
      [state = state_, index, model, renewal, &clock = clock_, &metrics = metrics_,
       name = backend_.name()](const absl::Status& status) {
        if (!renewal) metrics.kept_loads(status.ok()).Increment();
        if (!status.ok() && !absl::IsCancelled(status)) {
          LogWarning(
              "a model that is to stay cannot be loaded",
              {{"backend", name}, {"model", model}, {"error", std::string(status.message())}});
        }
        const absl::Time now = clock.Now();
        MutexLock lock(&state->mutex);
        state->busy = false;
        if (!status.ok()) return;
        state->kept[index].renewed_at = now;
        if (!renewal) state->kept[index].loaded_at = now;
      });
}

}  // namespace tessera::inference
