// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_OFFLOAD_GUARD_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_OFFLOAD_GUARD_H_

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/scheduling/chat_dispatcher.h"

namespace tessera::inference {

// What happens with a model of which a part lies outside the GPU: it answers, several times slower.
enum class OffloadPolicy { kAllow, kWarn, kRefuse };

// "allow", "warn" or "refuse"; kAllow for anything else.
OffloadPolicy OffloadPolicyOf(std::string_view name);

// Share of a loaded model that is not in GPU memory, 0 to 1.
double OffloadRatio(const LoadedModel& model);

// Stands before a dispatcher. Thread-safe; `next` and `catalog` must outlive it.
class OffloadGuard : public ChatDispatcher {
 public:
  OffloadGuard(ChatDispatcher& next, const ModelCatalog& catalog, OffloadPolicy policy)
      : next_(next), catalog_(catalog), policy_(policy) {}

  // With kRefuse, a job for a model that is loaded and offloaded ends with FAILED_PRECONDITION,
  // reason MODEL_OFFLOADED. The request that loads a model always passes: where it will lie is not
  // known before.
  std::shared_ptr<ChatHandle> Submit(ChatJob job,
                                     std::shared_ptr<DispatchObserver> observer) override;

  // Says in the log, once for each load, which models are offloaded; not with kAllow.
  void OnEngineLook(const EngineSnapshot& snapshot);

 private:
  ChatDispatcher& next_;
  const ModelCatalog& catalog_;
  const OffloadPolicy policy_;
  Mutex mutex_;
  std::set<std::string> told_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_OFFLOAD_GUARD_H_
