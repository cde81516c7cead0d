// SPDX-License-Identifier: Apache-2.0
#include "cli/experiment_series.h"

#include <gtest/gtest.h>

namespace tessera::cli {
namespace {

constexpr char kPage[] = R"(# HELP tessera_inference_experiment_requests_total Requests
# TYPE tessera_inference_experiment_requests_total counter
tessera_inference_experiment_requests_total{experiment="q4",gen_ai_request_model="m:q8"} 200
tessera_inference_experiment_requests_total{experiment="q4",gen_ai_request_model="m:q4"} 10
tessera_inference_experiment_failed_total{experiment="q4",gen_ai_request_model="m:q4"} 1
tessera_inference_experiment_seconds_total{experiment="q4",gen_ai_request_model="m:q8"} 50.5
tessera_inference_experiment_shadows_total{experiment="q4",result="same"} 9
tessera_inference_experiment_shadows_total{experiment="q4",result="different"} 1
tessera_inference_experiment_requests_total{experiment="split",gen_ai_request_model="a"} 3
tessera_inference_requests_in_flight 4
tessera_inference_experiment_requests_total{
)";

TEST(ExperimentSeriesTest, GathersWhatBelongsTogether) {
  const auto views = ReadExperiments(kPage);
  ASSERT_EQ(views.size(), 2);
  EXPECT_EQ(views[0].name, "q4");
  ASSERT_EQ(views[0].sides.size(), 2);
  EXPECT_EQ(views[0].sides[0].model, "m:q4");
  EXPECT_EQ(views[0].sides[0].failed, 1);
  EXPECT_EQ(views[0].sides[1].answered, 200);
  EXPECT_EQ(views[0].sides[1].seconds, 50.5);
  EXPECT_EQ(views[0].shadows.at("same"), 9);
  EXPECT_TRUE(views[1].shadows.empty());
}

TEST(ExperimentSeriesTest, FindsNothingOnOtherPages) {
  EXPECT_TRUE(ReadExperiments("").empty());
  EXPECT_TRUE(ReadExperiments("<html>{}</html>").empty());
}

}  // namespace
}  // namespace tessera::cli
