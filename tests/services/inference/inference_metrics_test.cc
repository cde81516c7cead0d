// SPDX-License-Identifier: Apache-2.0
#include "services/inference/inference_metrics.h"

#include <gtest/gtest.h>

#include <string>

#include "services/inference/error_reasons.h"
#include "tests/support/metric_values.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using testing::MetricLabels;
using testing::MetricValue;
using testing::SeriesCount;

constexpr char kModel[] = "gen_ai_request_model";

class InferenceMetricsTest : public ::testing::Test {
 protected:
  prometheus::Registry registry_;
  InferenceMetrics metrics_{registry_, {"seeing:4b", "talking"}, /*max_models=*/4};
};

TEST_F(InferenceMetricsTest, EverySeriesOfConfiguredModelsExistsAtZero) {
  for (const char* model : {"seeing:4b", "talking", "other"}) {
    const MetricLabels labels{{kModel, model}};
    for (const char* name :
         {"gen_ai_server_time_to_first_token_seconds",
          "gen_ai_server_time_per_output_token_seconds", "gen_ai_server_request_duration_seconds",
          "tessera_inference_output_tokens_per_second", "tessera_inference_model_vram_bytes",
          "tessera_inference_model_cpu_offload_ratio"}) {
      EXPECT_EQ(MetricValue(registry_, name, labels), 0) << name << " " << model;
    }
    for (const char* direction : {"input", "output"}) {
      EXPECT_EQ(MetricValue(registry_, "tessera_inference_tokens_total",
                            {{kModel, model}, {"direction", direction}}),
                0);
    }
    for (const char* phase : {"load", "prefill", "decode"}) {
      EXPECT_EQ(MetricValue(registry_, "tessera_inference_engine_seconds_total",
                            {{kModel, model}, {"phase", phase}}),
                0);
    }
  }
  for (const char* name : {"tessera_inference_requests_in_flight", "tessera_inference_engine_up",
                           "tessera_inference_cancelled_total"}) {
    EXPECT_EQ(MetricValue(registry_, name), 0) << name;
  }
  for (const char* connection : {"new", "reused"}) {
    EXPECT_EQ(MetricValue(registry_, "tessera_inference_upstream_requests_total",
                          {{"connection", connection}}),
              0);
  }
}

TEST_F(InferenceMetricsTest, EveryReasonExistsAtZero) {
  for (const std::string_view reason : kErrorReasons) {
    EXPECT_EQ(
        MetricValue(registry_, "tessera_inference_errors_total", {{"reason", std::string(reason)}}),
        0)
        << reason;
  }
  EXPECT_EQ(SeriesCount(registry_, "tessera_inference_errors_total"), kErrorReasons.size() + 1);
}

TEST_F(InferenceMetricsTest, NamesThatCallersMakeUpShareOneSeries) {
  const ModelSeries& other = metrics_.OfModel("other", false);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(&metrics_.OfModel("evil-" + std::to_string(i), false), &other);
  }
  EXPECT_EQ(SeriesCount(registry_, "gen_ai_server_request_duration_seconds"), 3);
}

TEST_F(InferenceMetricsTest, ConfiguredModelsHaveTheirSeriesEvenWhileTheEngineIsDown) {
  EXPECT_NE(&metrics_.OfModel("talking", false), &metrics_.OfModel("other", false));
}

TEST_F(InferenceMetricsTest, ModelsOfTheEngineGetSeriesUpToABound) {
  const ModelSeries& other = metrics_.OfModel("other", false);
  const ModelSeries& third = metrics_.OfModel("third", true);
  EXPECT_NE(&third, &other);
  EXPECT_EQ(&metrics_.OfModel("third", true), &third);
  EXPECT_EQ(&metrics_.OfModel("third", false), &third);
  EXPECT_NE(&metrics_.OfModel("fourth", true), &other);
  for (int i = 5; i < 1000; ++i) {
    EXPECT_EQ(&metrics_.OfModel("m" + std::to_string(i), true), &other);
  }
  EXPECT_EQ(SeriesCount(registry_, "gen_ai_server_request_duration_seconds"), 5);
}

TEST_F(InferenceMetricsTest, CountsErrorsByReasonAndStrangeOnesTogether) {
  metrics_.CountError(MakeError(StatusCode::kNotFound, "MODEL_NOT_FOUND", "m"));
  metrics_.CountError(MakeError(StatusCode::kInternal, "NEVER_HEARD_OF", "m"));
  metrics_.CountError(absl::InternalError("foreign"));
  metrics_.CountError(MakeError(StatusCode::kCancelled, "CANCELLED", "m"));
  const auto count = [&](const char* reason) {
    return MetricValue(registry_, "tessera_inference_errors_total", {{"reason", reason}});
  };
  EXPECT_EQ(count("MODEL_NOT_FOUND"), 1);
  EXPECT_EQ(count("other"), 2);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_cancelled_total"), 1);
}

TEST_F(InferenceMetricsTest, TellsWhatIsLoadedAndWhere) {
  struct Row {
    uint64_t size, vram;
    double ratio;
  };
  for (const Row& row : {Row{1000, 1000, 0}, Row{1000, 250, 0.75}, Row{1000, 0, 1},
                         Row{1000, 1200, 0}, Row{0, 0, 0}}) {
    metrics_.OnEngineLook(
        {.reachable = true,
         .loaded = {
             {.name = "talking:latest", .size_bytes = row.size, .size_vram_bytes = row.vram}}});
    EXPECT_EQ(MetricValue(registry_, "tessera_inference_model_vram_bytes", {{kModel, "talking"}}),
              row.vram);
    EXPECT_EQ(
        MetricValue(registry_, "tessera_inference_model_cpu_offload_ratio", {{kModel, "talking"}}),
        row.ratio);
  }
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_engine_up"), 1);
  metrics_.OnEngineLook({});
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_engine_up"), 0);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_model_vram_bytes", {{kModel, "talking"}}), 0);
}

TEST_F(InferenceMetricsTest, TurnsTotalsIntoCounters) {
  metrics_.OnConnectionStats(2, 10);
  metrics_.OnConnectionStats(3, 15);
  EXPECT_EQ(
      MetricValue(registry_, "tessera_inference_upstream_requests_total", {{"connection", "new"}}),
      3);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_upstream_requests_total",
                        {{"connection", "reused"}}),
            15);
}

}  // namespace
}  // namespace tessera::inference
