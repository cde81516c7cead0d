// SPDX-License-Identifier: Apache-2.0
//
// The models that the simulated Ollama has on disk.
#ifndef TESSERA_SIMULATOR_MODEL_TABLE_H_
#define TESSERA_SIMULATOR_MODEL_TABLE_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "simulator/model_spec.h"

namespace tessera::simulator {

// A model on disk: never changes; a new version of it is another StoredModel.
struct StoredModel {
  ModelSpec spec;
  std::string canonical_name;
  std::string digest;   // of the manifest
  std::string weights;  // of the blob; what a runner is known by
  absl::Time modified_at;
};

using ModelRef = std::shared_ptr<const StoredModel>;

// Thread-safe.
class ModelTable {
 public:
  explicit ModelTable(const std::vector<ModelSpec>& models);

  // Finds by any spelling of the name; nullptr when there is none.
  ModelRef Find(std::string_view name) const;
  // Newest first, as /api/tags lists them.
  std::vector<ModelRef> List() const;
  // Adds the model or replaces the one of the same name.
  ModelRef Put(ModelSpec spec);
  // False when there is none of that name.
  bool Copy(std::string_view source, std::string_view destination);
  bool Delete(std::string_view name);

 private:
  mutable Mutex mutex_;
  std::map<std::string, ModelRef, std::less<>> models_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_MODEL_TABLE_H_
