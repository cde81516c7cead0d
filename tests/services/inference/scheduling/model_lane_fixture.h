// SPDX-License-Identifier: Apache-2.0
//
// A lane with a clock that the test moves, and jobs to send through it.
#ifndef TESSERA_TESTS_SERVICES_INFERENCE_SCHEDULING_MODEL_LANE_FIXTURE_H_
#define TESSERA_TESTS_SERVICES_INFERENCE_SCHEDULING_MODEL_LANE_FIXTURE_H_

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <optional>
#include <string>

#include "services/inference/scheduling/model_lane.h"
#include "tests/support/metric_values.h"

namespace tessera::inference {

inline const LoadedModel kLoaded{.name = "m"};
inline const testing::MetricLabels kLane{{"backend", "b"}, {"gen_ai_request_model", "m"}};

class ModelLaneTest : public ::testing::Test {
 protected:
  void Make(std::optional<uint32_t> slots, LaneLimits limits = {}) {
    lane_ = std::make_unique<ModelLane>("m", slots, limits, metrics_.OfLane("b", "m"), metrics_);
    lane_->OnEngineLook(true, &kLoaded, now_);
  }

  static std::shared_ptr<LaneJob> Job(const std::string& client = "c",
                                      JobPriority priority = JobPriority::kInteractive) {
    auto job = std::make_shared<LaneJob>();
    job->client = client;
    job->priority = priority;
    job->size = {.prompt_tokens = 100, .max_output_tokens = 50};
    return job;
  }

  ModelLane::Admission Admit(const std::shared_ptr<LaneJob>& job) {
    return lane_->Admit(job, now_, /*anew=*/false);
  }

  ModelLane::Work Answer(LaneJob& job, absl::Duration took = absl::Seconds(1)) {
    ModelLane::End end;
    end.timing = {.size = job.size,
                  .output_tokens = 50,
                  .first_token = took / 5,
                  .total = took,
                  .engine_prefill = took / 10};
    return lane_->Finish(job, end, now_);
  }
  ModelLane::Work Fail(LaneJob& job) {
    return lane_->Finish(job, {.kind = ModelLane::EndKind::kEnginesFault, .timing = {}}, now_);
  }

  // A second each.
  void LearnASecond(int times = 5) {
    for (int i = 0; i < times; ++i) {
      auto job = Job();
      ASSERT_EQ(Admit(job).verdict, ModelLane::Verdict::kRun);
      Answer(*job);
    }
  }

  prometheus::Registry registry_;
  SchedulingMetrics metrics_{registry_};
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  std::unique_ptr<ModelLane> lane_;
};

}  // namespace tessera::inference

#endif  // TESSERA_TESTS_SERVICES_INFERENCE_SCHEDULING_MODEL_LANE_FIXTURE_H_
