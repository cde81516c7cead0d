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
           {"--ollama-url", [](auto& c) { c.ollama_urls = {}; }},
           {"--ollama-url", [](auto& c) { c.ollama_urls = {"127.0.0.1:11434"}; }},
           {"--ollama-url", [](auto& c) { c.ollama_urls = {"http://127.0.0.1:11434/"}; }},
           {"--keep-alive", [](auto& c) { c.keep_alive = absl::Hours(25); }},
           {"--max-output-tokens", [](auto& c) { c.max_output_tokens = 0; }},
           {"--max-output-tokens", [](auto& c) { c.max_output_tokens = 65537; }},
           {"--ollama-url",
            [](auto& c) {
              c.ollama_urls = {"http://a:1", "http://a:1"};
            }},
           {"--max-queued", [](auto& c) { c.max_queued = 100'001; }},
           {"--max-queue-wait", [](auto& c) { c.max_queue_wait = absl::ZeroDuration(); }},
           {"--max-held-mib", [](auto& c) { c.max_held_mib = 0; }},
           {"--max-retries", [](auto& c) { c.max_retries = 11; }},
           {"--model-slots", [](auto& c) { c.model_slots = {"qwen3-vl:4b"}; }},
           {"--model-slots", [](auto& c) { c.model_slots = {"qwen3-vl:4b=0"}; }},
           {"--model-slots", [](auto& c) { c.model_slots = {"=2"}; }},
           {"--ollama-num-parallel", [](auto& c) { c.ollama_num_parallel = 1025; }},
           {"--load-timeout", [](auto& c) { c.load_timeout = absl::ZeroDuration(); }},
           {"--wedge-silence", [](auto& c) { c.wedge_silence = absl::ZeroDuration(); }},
           {"--worker-threads", [](auto& c) { c.worker_threads = 0; }},
           {"--worker-threads", [](auto& c) { c.worker_threads = 65; }},
           {"--first-token-timeout", [](auto& c) { c.first_token_timeout = absl::ZeroDuration(); }},
           {"--idle-timeout", [](auto& c) { c.idle_timeout = absl::ZeroDuration(); }},
           {"--longest-call", [](auto& c) { c.longest_call = absl::ZeroDuration(); }},
           {"--engine-check-interval",
            [](auto& c) { c.engine_check_interval = absl::Milliseconds(9); }},
           {"--model-profile", [](auto& c) { c.model_profiles = {"m,num_ctx=lots"}; }},
           {"--cache-mib", [](auto& c) { c.cache_mib = 1'048'577; }},
           {"--cache-ttl", [](auto& c) { c.cache_ttl = absl::ZeroDuration(); }},
           {"--cache-redis", [](auto& c) { c.cache_redis = "redis"; }},
           {"--cache-redis", [](auto& c) { c.cache_redis = "redis:0"; }},
           {"--cache-redis", [](auto& c) { c.cache_redis = ":6379"; }},
           {"--cache-redis", [](auto& c) { c.cache_redis = "redis:6379x"; }},
           {"--batch-window", [](auto& c) { c.batch_window = 0; }},
           {"--batch-window", [](auto& c) { c.batch_window = 10'001; }},
           {"--batch-window-mib", [](auto& c) { c.batch_window_mib = 0; }},
       }) {
    InferenceConfig config;
    row.change(config);
    EXPECT_THAT(config.Validate(), testing::IsInvalidField(row.flag));
  }
}

TEST(InferenceConfigTest, ReadsItsCommandLine) {
  InferenceConfig config;
  const char* const argv[] = {"tessera-inference", "--ollama-url", "http://gpu:11434",
                              "--keep-alive",      "1h",           "--max-queued=9",
                              "--log-level",       "off",          "--model-slots",
                              "qwen3-vl:4b=2",     "--ollama-url", "http://gpu-2:11434"};
  EXPECT_EQ(ParseInferenceConfig(12, argv, config), -1);
  EXPECT_EQ(config.ollama_urls,
            (std::vector<std::string>{"http://gpu:11434", "http://gpu-2:11434"}));
  EXPECT_EQ(config.SlotsOfModels().at("qwen3-vl:4b"), 2);
  EXPECT_EQ(config.keep_alive, absl::Hours(1));
  EXPECT_EQ(config.max_queued, 9);
  EXPECT_EQ(config.log_level, "off");
}

TEST(InferenceConfigTest, KeepsTheDefaultModelsLoadedUnlessOthersAreNamed) {
  InferenceConfig config;
  EXPECT_EQ(config.KeptModels(), (std::vector<std::string>{"qwen3-vl:4b", "llama3.2-custom"}));
  config.text_model = config.vision_model;
  EXPECT_EQ(config.KeptModels(), std::vector<std::string>{"qwen3-vl:4b"});
  config.keep_loaded = {"a", "b", "a"};
  EXPECT_EQ(config.KeptModels(), (std::vector<std::string>{"a", "b"}));
  config.keep_loaded = {"none"};
  EXPECT_TRUE(config.KeptModels().empty());
}

TEST(InferenceConfigTest, RedisIsAHostWithItsPortOrASocket) {
  EXPECT_EQ(ParseRedisAddress("cache:6379"), std::pair(std::string("cache"), uint16_t{6379}));
  EXPECT_EQ(ParseRedisAddress("[::1]:1"), std::pair(std::string("[::1]"), uint16_t{1}));
  EXPECT_EQ(ParseRedisAddress("/run/redis.sock"),
            std::pair(std::string("/run/redis.sock"), uint16_t{0}));
  EXPECT_EQ(ParseRedisAddress("cache"), std::nullopt);
}

}  // namespace
}  // namespace tessera::inference
