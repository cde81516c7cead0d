// SPDX-License-Identifier: Apache-2.0
//
// Tries another model out on real requests, before the dispatcher that runs them.
#ifndef TESSERA_SERVICES_INFERENCE_EXPERIMENTS_EXPERIMENT_DISPATCHER_H_
#define TESSERA_SERVICES_INFERENCE_EXPERIMENTS_EXPERIMENT_DISPATCHER_H_

#include <prometheus/registry.h>

#include <atomic>
#include <memory>
#include <vector>

#include "services/inference/experiments/experiment_metrics.h"
#include "services/inference/experiments/experiment_plan.h"
#include "services/inference/scheduling/chat_dispatcher.h"

namespace tessera::inference {

// How shadows are kept from callers; see below.
struct ShadowLimits {
  size_t most = 8;
  bool beside_callers = false;
};

// A request that takes part in no experiment passes through untouched.
//
// Split: the job of an assigned client asks the other model instead.
// Shadow: a job that is drawn is copied when it comes, and the copy submitted as a batch job when
// the first has been answered. Models share a GPU, so a shadow runs only while no caller is served
// here: it is dropped when somebody else is served at that moment, when it would have to wait for a
// slot, and as soon as the next caller comes. With `beside_callers` it is dropped in the second
// case alone, and slows down whoever is served meanwhile. At most `most` are kept at once. Nothing
// of a shadow reaches the caller; what it costs him is copying texts and pictures once, for the
// jobs that are drawn.
//
// Thread-safe. `next` must outlive every job.
class ExperimentDispatcher : public ChatDispatcher {
 public:
  ExperimentDispatcher(ChatDispatcher& next, std::vector<ExperimentPlan> plans,
                       prometheus::Registry& registry, const ShadowLimits& limits = {});
  ~ExperimentDispatcher() override;

  std::shared_ptr<ChatHandle> Submit(ChatJob job,
                                     std::shared_ptr<DispatchObserver> observer) override;

 private:
  class Callers;
  class Served;
  class Watched;
  class Shadow;
  struct State;

  std::shared_ptr<const ExperimentSeries> SeriesOf(size_t index) const {
    return {series_, &(*series_)[index]};
  }
  std::shared_ptr<ChatHandle> SubmitSplit(size_t index, ChatJob job,
                                          std::shared_ptr<DispatchObserver> observer);
  std::shared_ptr<ChatHandle> SubmitShadowed(size_t index, ChatJob job,
                                             std::shared_ptr<DispatchObserver> observer);

  ChatDispatcher& next_;
  const std::vector<ExperimentPlan> plans_;
  // Jobs may outlive this object.
  const std::shared_ptr<const std::vector<ExperimentSeries>> series_;
  const std::shared_ptr<State> state_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_EXPERIMENTS_EXPERIMENT_DISPATCHER_H_
