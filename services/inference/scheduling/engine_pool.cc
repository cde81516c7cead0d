// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/engine_pool.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tessera::inference {
namespace {

OllamaOptions WithUrl(OllamaOptions options, const std::string& url) {
  options.url = url;
  return options;
}

// "http://gpu-1:11434" -> "gpu-1:11434".
std::string NameOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return std::string(url);
}

}  // namespace

EnginePool::Engine::Engine(uint32_t number, const Options& options, HttpClient& http,
                           const ModelProfiles& profiles, SchedulingMetrics& metrics,
                           const Clock& clock)
    : url(options.urls[number]),
      name(NameOf(url)),
      client(http, WithUrl(options.engine, url)),
      memory(http, url),
      backend({.number = number, .name = name, .slots = options.slots, .limits = options.limits},
              client, memory, catalog, metrics),
      keeper(options.keeper, backend, profiles, metrics, clock) {}

EnginePool::EnginePool(Options options, HttpClient& http, const ModelProfiles& profiles,
                       SchedulingMetrics& metrics, const Clock& clock)
    : options_(std::move(options)), http_(http), metrics_(metrics), clock_(clock) {
  for (uint32_t i = 0; i < options_.urls.size(); ++i) {
    engines_.push_back(std::make_unique<Engine>(i, options_, http, profiles, metrics, clock));
    metrics_.SetEngineUp(engines_.back()->name, false);
  }
}

EnginePool::~EnginePool() { StopMonitors(); }

std::vector<Backend*> EnginePool::backends() {
  std::vector<Backend*> all;
  for (const auto& engine : engines_) all.push_back(&engine->backend);
  return all;
}

void EnginePool::StartMonitors(std::function<void(const EngineSnapshot&)> on_look) {
  on_look_ = std::move(on_look);
  for (const auto& engine : engines_) {
    engine->monitor = std::make_unique<EngineMonitor>(
        http_, engine->catalog,
        EngineMonitor::Options{.url = engine->url, .interval = options_.check_interval},
        [this, &engine = *engine](const EngineSnapshot& snapshot) { OnLook(engine, snapshot); });
  }
}

void EnginePool::StopMonitors() {
  for (const auto& engine : engines_) engine->monitor.reset();
}

void EnginePool::OnLook(Engine& engine, const EngineSnapshot& snapshot) {
  metrics_.SetEngineUp(engine.name, snapshot.reachable);
  engine.backend.OnLook(snapshot, clock_.Now());
  engine.keeper.OnLook(snapshot);
  MutexLock lock(&looking_);
  catalog_.Replace(Merged());
  on_look_(*catalog_.Latest());
}

EngineSnapshot EnginePool::Merged() const {
  EngineSnapshot all;
  for (const auto& engine : engines_) {
    const auto one = engine->catalog.Latest();
    if (!one->reachable) continue;
    // What not all can do is not promised: the oldest version counts.
    if (!all.reachable || one->VersionNumber() < all.VersionNumber()) all.version = one->version;
    all.reachable = true;
    all.models.insert(one->models.begin(), one->models.end());
    for (const LoadedModel& model : one->loaded) {
      const bool known = std::any_of(all.loaded.begin(), all.loaded.end(),
                                     [&](const auto& other) { return other.name == model.name; });
      if (!known) all.loaded.push_back(model);
    }
  }
  if (!all.reachable) all.version = engines_[0]->catalog.Latest()->version;
  return all;
}

}  // namespace tessera::inference
