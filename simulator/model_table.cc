// SPDX-License-Identifier: Apache-2.0
#include "simulator/model_table.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "simulator/text.h"

namespace tessera::simulator {

ModelTable::ModelTable(const std::vector<ModelSpec>& models) {
  for (const ModelSpec& model : models) {
    Put(model);
  }
}

ModelRef ModelTable::Find(std::string_view name) const {
  MutexLock lock(&mutex_);
  // Most callers spell a name as it is stored.
  auto found = models_.find(name);
  if (found == models_.end()) {
    found = models_.find(CanonicalName(name));
  }
  return found == models_.end() ? nullptr : found->second;
}

std::vector<ModelRef> ModelTable::List() const {
  std::vector<ModelRef> models;
  {
    MutexLock lock(&mutex_);
    for (const auto& [name, model] : models_) {
      models.push_back(model);
    }
  }
  std::stable_sort(models.begin(), models.end(), [](const ModelRef& a, const ModelRef& b) {
    return a->modified_at > b->modified_at;
  });
  return models;
}

ModelRef ModelTable::Put(ModelSpec spec) {
  auto model = std::make_shared<StoredModel>();
  model->canonical_name = CanonicalName(spec.name);
  model->weights =
      DigestOf(Concat("weights of ", spec.weights.empty() ? model->canonical_name : spec.weights));
  model->digest = DigestOf(Concat("manifest ", model->weights, " ", spec.system, " ",
                                  spec.num_ctx.value_or(0), " ", spec.renderer));
  model->modified_at = absl::Now();
  model->spec = std::move(spec);
  MutexLock lock(&mutex_);
  models_[model->canonical_name] = model;
  return model;
}

bool ModelTable::Copy(std::string_view source, std::string_view destination) {
  const ModelRef original = Find(source);
  if (original == nullptr) {
    return false;
  }
  auto copy = std::make_shared<StoredModel>(*original);
  copy->canonical_name = CanonicalName(destination);
  copy->spec.name = copy->canonical_name;
  copy->modified_at = absl::Now();
  MutexLock lock(&mutex_);
  models_[copy->canonical_name] = std::move(copy);
  return true;
}

bool ModelTable::Delete(std::string_view name) {
  MutexLock lock(&mutex_);
  return models_.erase(CanonicalName(name)) > 0;
}

}  // namespace tessera::simulator
