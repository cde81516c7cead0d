// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/backend.h"

#include <algorithm>
#include <utility>

namespace tessera::inference {
namespace {

constexpr char kOthers[] = "other";
constexpr size_t kMostLanes = 64;
// Requests for what the engine does not have are answered at once.
constexpr uint32_t kSlotsOfOthers = 4;
constexpr absl::Duration kSuspectFor = absl::Seconds(1);
constexpr std::string_view kLatest = ":latest";

std::string_view WithoutLatest(std::string_view name) {
  return name.ends_with(kLatest) ? name.substr(0, name.size() - kLatest.size()) : name;
}

}  // namespace

std::optional<uint32_t> SlotRules::For(const ModelFacts& model) const {
  for (const std::string_view name : {std::string_view(model.name), WithoutLatest(model.name)}) {
    if (const auto found = of_model.find(name); found != of_model.end()) return found->second;
  }
  if (IsAlwaysSingleSlot(model.family)) return 1;
  return num_parallel;
}

Backend::Backend(Options options, ModelEngine& engine, ModelMemory& memory,
                 const ModelCatalog& catalog, SchedulingMetrics& metrics)
    : options_(std::move(options)),
      engine_(engine),
      memory_(memory),
      catalog_(catalog),
      metrics_(metrics) {
  MutexLock lock(&mutex_);
  lanes_[kOthers] = std::make_unique<ModelLane>(kOthers, kSlotsOfOthers, options_.limits,
                                                metrics_.OfLane(options_.name, kOthers), metrics_);
}

ModelLane& Backend::LaneOf(std::string_view model, const EngineSnapshot& snapshot) {
  const ModelFacts* const facts = snapshot.Find(model);
  const std::string_view name = facts == nullptr ? kOthers : WithoutLatest(facts->name);
  MutexLock lock(&mutex_);
  const auto found = lanes_.find(name);
  if (found != lanes_.end()) return *found->second;
  if (lanes_.size() >= kMostLanes) return *lanes_.find(kOthers)->second;
  const std::string key(name);
  auto lane = std::make_unique<ModelLane>(key, options_.slots.For(*facts), options_.limits,
                                          metrics_.OfLane(options_.name, key), metrics_);
  lane->OnEngineLook(snapshot.reachable, snapshot.FindLoaded(facts->name), absl::InfinitePast());
  return *lanes_.emplace(key, std::move(lane)).first->second;
}

ModelLane* Backend::Find(std::string_view model) const {
  MutexLock lock(&mutex_);
  const auto found = lanes_.find(WithoutLatest(model));
  return found == lanes_.end() ? nullptr : found->second.get();
}

std::vector<ModelLane*> Backend::lanes() const {
  MutexLock lock(&mutex_);
  std::vector<ModelLane*> all;
  all.reserve(lanes_.size());
  for (const auto& [model, lane] : lanes_) all.push_back(lane.get());
  return all;
}

void Backend::OnLook(const EngineSnapshot& snapshot, absl::Time now) {
  uint64_t loaded_bytes = 0;
  for (const LoadedModel& model : snapshot.loaded) loaded_bytes += model.size_bytes;
  {
    MutexLock lock(&mutex_);
    most_loaded_bytes_ = std::max(most_loaded_bytes_, loaded_bytes);
  }
  for (ModelLane* lane : lanes()) {
    const ModelFacts* facts = snapshot.Find(lane->model());
    lane->OnEngineLook(
        snapshot.reachable,
        facts == nullptr || !snapshot.reachable ? nullptr : snapshot.FindLoaded(facts->name), now);
  }
  if (snapshot.reachable) suspect_until_ns_ = 0;
}

void Backend::OnUnreachable(absl::Time now) {
  suspect_until_ns_ = absl::ToUnixNanos(now + kSuspectFor);
}

bool Backend::IsSuspect(absl::Time now) const { return absl::ToUnixNanos(now) < suspect_until_ns_; }

bool Backend::WouldDisplace(const ModelFacts* model, const EngineSnapshot& snapshot,
                            absl::Time now) const {
  uint64_t loaded_bytes = 0;
  bool in_use = false;
  for (const LoadedModel& loaded : snapshot.loaded) {
    loaded_bytes += loaded.size_bytes;
    const ModelLane* lane = Find(loaded.name);
    in_use = in_use || (lane != nullptr && lane->InUse(now));
  }
  if (!in_use) return false;
  // What was in memory together once fits again.
  MutexLock lock(&mutex_);
  return model == nullptr || loaded_bytes + model->size_bytes > most_loaded_bytes_;
}

}  // namespace tessera::inference
