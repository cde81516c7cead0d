// SPDX-License-Identifier: Apache-2.0
#include "services/inference/inference_config.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

TEST(InferenceConfigTest, DefaultsAreValid) {
  EXPECT_THAT(InferenceConfig{}.Validate(), testing::IsOk());
}

TEST(InferenceConfigTest, NamesTheFlagThatIsWrong) {
  struct Row {
    std::string flag;
    std::function<void(InferenceConfig&)> change;
  };
  for (const Row& row : std::vector<Row>{
           {"--ollama-url", [](auto& c) { c.ollama_url = ""; }},
           {"--ollama-url", [](auto& c) { c.ollama_url = "127.0.0.1:11434"; }},
           {"--ollama-url", [](auto& c) { c.ollama_url = "http://127.0.0.1:11434/"; }},
           {"--keep-alive", [](auto& c) { c.keep_alive = absl::Hours(25); }},
           {"--max-output-tokens", [](auto& c) { c.max_output_tokens = 0; }},
           {"--max-output-tokens", [](auto& c) { c.max_output_tokens = 65537; }},
           {"--max-in-flight", [](auto& c) { c.max_in_flight = 0; }},
           {"--max-in-flight", [](auto& c) { c.max_in_flight = 4'000'000'000; }},
           {"--max-in-flight-mib", [](auto& c) { c.max_in_flight_mib = 0; }},
           {"--worker-threads", [](auto& c) { c.worker_threads = 0; }},
           {"--worker-threads", [](auto& c) { c.worker_threads = 65; }},
           {"--first-token-timeout", [](auto& c) { c.first_token_timeout = absl::ZeroDuration(); }},
           {"--idle-timeout", [](auto& c) { c.idle_timeout = absl::ZeroDuration(); }},
           {"--longest-call", [](auto& c) { c.longest_call = absl::ZeroDuration(); }},
           {"--engine-check-interval",
            [](auto& c) { c.engine_check_interval = absl::Milliseconds(9); }},
       }) {
    InferenceConfig config;
    row.change(config);
    EXPECT_THAT(config.Validate(), testing::IsInvalidField(row.flag));
  }
}

TEST(InferenceConfigTest, ReadsItsCommandLine) {
  InferenceConfig config;
  const char* const argv[] = {"tessera-inference", "--ollama-url", "http://gpu:11434",
                              "--keep-alive",      "1h",           "--max-in-flight=9",
                              "--log-level",       "off"};
  EXPECT_EQ(ParseInferenceConfig(8, argv, config), -1);
  EXPECT_EQ(config.ollama_url, "http://gpu:11434");
  EXPECT_EQ(config.keep_alive, absl::Hours(1));
  EXPECT_EQ(config.max_in_flight, 9);
  EXPECT_EQ(config.log_level, "off");
}

}  // namespace
}  // namespace tessera::inference
