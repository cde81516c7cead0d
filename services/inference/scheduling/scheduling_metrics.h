// SPDX-License-Identifier: Apache-2.0
//
// Metrics of queues, slots, placement, retries and watchdogs.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_SCHEDULING_METRICS_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_SCHEDULING_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"

namespace tessera::inference {

// Where a job is. In the order in which it passes through.
enum class JobStage { kQueued, kLoading, kPrefill, kDecode };
inline constexpr std::array<std::string_view, 4> kJobStageNames = {"queued", "loading", "prefill",
                                                                   "decode"};

// The series of one model on one engine. Pointers into the registry; the lane that has them is
// their only writer.
struct LaneSeries {
  std::array<prometheus::Gauge*, 2> queued{};  // By JobPriority.
  prometheus::Gauge* slots = nullptr;
  prometheus::Gauge* slots_busy = nullptr;
  prometheus::Gauge* slots_unreleased = nullptr;
  prometheus::Gauge* breaker_state = nullptr;
  prometheus::Gauge* loaded = nullptr;
  prometheus::Gauge* prefill_rate = nullptr;
  prometheus::Gauge* decode_rate = nullptr;
  prometheus::Counter* breaker_opened = nullptr;
  prometheus::Counter* loads = nullptr;
  prometheus::Counter* handed_ahead = nullptr;
  prometheus::Counter* wedges = nullptr;
  std::array<prometheus::Histogram*, 2> queue_wait{};  // By JobPriority.
  prometheus::Histogram* queue_wait_error = nullptr;
  prometheus::Histogram* load_seconds = nullptr;
};

// Thread-safe.
class SchedulingMetrics {
 public:
  explicit SchedulingMetrics(prometheus::Registry& registry);

  // The series of a model on the engine with this name, made at first use. Histograms are per model
  // only. Whoever calls bounds how many different ones there are.
  LaneSeries OfLane(const std::string& backend, const std::string& model);

  void SetEngineUp(const std::string& backend, bool up);
  void CountRefusal(std::string_view reason);
  void CountRetry(std::string_view reason);
  prometheus::Counter& retries_without_budget() { return *retries_without_budget_; }
  prometheus::Counter& pushed_out() { return *pushed_out_; }
  prometheus::Counter& reloads_avoided() { return *reloads_avoided_; }
  prometheus::Counter& reloads() { return *reloads_; }
  prometheus::Counter& moved() { return *moved_; }
  prometheus::Gauge& held_bytes() { return *held_bytes_; }
  prometheus::Gauge& queue_limit() { return *queue_limit_; }
  prometheus::Gauge& jobs() { return *jobs_; }
  prometheus::Gauge& poisoned() { return *poisoned_; }
  prometheus::Counter& cancelled(JobStage stage) { return *cancelled_[static_cast<int>(stage)]; }
  prometheus::Histogram& stage_seconds(JobStage stage) { return *stage_[static_cast<int>(stage)]; }
  prometheus::Histogram& cancel_to_release() { return *cancel_to_release_; }
  prometheus::Counter& wasted_prompt_tokens() { return *wasted_prompt_; }
  prometheus::Counter& wasted_output_tokens() { return *wasted_output_; }
  prometheus::Histogram& between_pieces() { return *between_pieces_; }
  prometheus::Histogram& self_seconds() { return *self_seconds_; }
  prometheus::Counter& kept_loads(bool ok) { return *kept_loads_[ok ? 0 : 1]; }

 private:
  using Reasons = std::map<std::string, prometheus::Counter*, std::less<>>;
  static void Count(const Reasons& reasons, std::string_view reason);

  prometheus::Family<prometheus::Gauge>& backend_up_;
  prometheus::Family<prometheus::Gauge>& queued_;
  prometheus::Family<prometheus::Gauge>& slots_;
  prometheus::Family<prometheus::Gauge>& slots_busy_;
  prometheus::Family<prometheus::Gauge>& slots_unreleased_;
  prometheus::Family<prometheus::Gauge>& breaker_state_;
  prometheus::Family<prometheus::Gauge>& loaded_;
  prometheus::Family<prometheus::Gauge>& rate_;
  prometheus::Family<prometheus::Counter>& breaker_opened_;
  prometheus::Family<prometheus::Counter>& loads_;
  prometheus::Family<prometheus::Counter>& handed_ahead_;
  prometheus::Family<prometheus::Counter>& wedges_;
  prometheus::Family<prometheus::Histogram>& queue_wait_;
  prometheus::Family<prometheus::Histogram>& queue_wait_error_;
  prometheus::Family<prometheus::Histogram>& load_seconds_;
  Reasons refused_;  // Immutable after construction.
  Reasons retries_;
  prometheus::Counter* retries_without_budget_;
  prometheus::Counter* pushed_out_;
  prometheus::Counter* reloads_avoided_;
  prometheus::Counter* reloads_;
  prometheus::Counter* moved_;
  prometheus::Gauge* held_bytes_;
  prometheus::Gauge* queue_limit_;
  prometheus::Gauge* jobs_;
  prometheus::Gauge* poisoned_;
  std::array<prometheus::Counter*, 4> cancelled_{};
  std::array<prometheus::Histogram*, 4> stage_{};
  prometheus::Histogram* cancel_to_release_;
  prometheus::Counter* wasted_prompt_;
  prometheus::Counter* wasted_output_;
  prometheus::Histogram* between_pieces_;
  prometheus::Histogram* self_seconds_;
  std::array<prometheus::Counter*, 2> kept_loads_{};
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_SCHEDULING_METRICS_H_
