// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/model_catalog.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace tessera::inference {

bool ModelFacts::Can(std::string_view capability) const {
  return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

const ModelFacts* EngineSnapshot::Find(std::string_view name) const {
  auto found = models.find(std::string(name));
  if (found == models.end() && name.find(':') == std::string_view::npos) {
    found = models.find(std::string(name) + ":latest");
  }
  return found == models.end() ? nullptr : &found->second;
}

const LoadedModel* EngineSnapshot::FindLoaded(std::string_view name) const {
  const auto is = [&](std::string_view other) {
    constexpr std::string_view kLatest = ":latest";
    return other == name || (name.find(':') == std::string_view::npos && other.starts_with(name) &&
                             other.substr(name.size()) == kLatest);
  };
  for (const LoadedModel& model : loaded) {
    if (is(model.name)) return &model;
  }
  return nullptr;
}

std::optional<std::pair<int, int>> EngineSnapshot::VersionNumber() const {
  int major = 0;
  int minor = 0;
  if (std::sscanf(version.c_str(), "%d.%d", &major, &minor) != 2) return std::nullopt;
  return std::pair(major, minor);
}

bool EngineSnapshot::ReportsLogprobs() const {
  const auto number = VersionNumber();
  if (!number) return false;
  if (*number != std::pair(0, 12)) return *number > std::pair(0, 12);
  int patch = 0;
  return std::sscanf(version.c_str(), "0.12.%d", &patch) == 1 && patch >= 11;
}

bool EngineSnapshot::RunsLlamaServer() const {
  const auto number = VersionNumber();
  return number && *number >= std::pair(0, 30);
}

ModelCatalog::ModelCatalog() : latest_(std::make_shared<EngineSnapshot>()) {}

std::shared_ptr<const EngineSnapshot> ModelCatalog::Latest() const {
  MutexLock lock(&mutex_);
  return latest_;
}

void ModelCatalog::Replace(EngineSnapshot snapshot) {
  auto next = std::make_shared<const EngineSnapshot>(std::move(snapshot));
  MutexLock lock(&mutex_);
  latest_ = std::move(next);
}

}  // namespace tessera::inference
