// SPDX-License-Identifier: Apache-2.0
#include "services/inference/cache/memory_store.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>

#include "tests/support/metric_values.h"

namespace tessera::inference {
namespace {

using testing::MetricValue;

CacheKey Key(uint8_t number) {
  CacheKey key;
  key.digest.fill(number);
  return key;
}

std::shared_ptr<const std::string> Bytes(size_t count, char letter = 'x') {
  return std::make_shared<const std::string>(count, letter);
}

class MemoryStoreTest : public ::testing::Test {
 protected:
  std::optional<double> Evictions(const std::string& reason) {
    return MetricValue(registry_, "tessera_inference_cache_evictions_total", {{"reason", reason}});
  }

  prometheus::Registry registry_;
  CacheMetrics metrics_{registry_};
  // Room for four answers of 1,000 bytes and what it takes to keep them.
  MemoryStore store_{5'100, absl::Minutes(1), metrics_};
  const absl::Time start_ = absl::FromUnixSeconds(1'700'000'000);
};

TEST_F(MemoryStoreTest, KeepsWhatItIsGiven) {
  EXPECT_EQ(store_.Get(Key(1), start_), nullptr);
  store_.Put(Key(1), Bytes(10, 'a'), start_);
  store_.Put(Key(2), Bytes(10, 'b'), start_);
  EXPECT_EQ(*store_.Get(Key(1), start_), "aaaaaaaaaa");
  EXPECT_EQ(*store_.Get(Key(2), start_), "bbbbbbbbbb");
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_cache_answers"), 2);
}

TEST_F(MemoryStoreTest, ANewAnswerTakesThePlaceOfTheOld) {
  store_.Put(Key(1), Bytes(10, 'a'), start_);
  store_.Put(Key(1), Bytes(10, 'b'), start_);
  EXPECT_EQ(*store_.Get(Key(1), start_), "bbbbbbbbbb");
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_cache_answers"), 1);
}

TEST_F(MemoryStoreTest, ForgetsWhatIsTooOld) {
  store_.Put(Key(1), Bytes(10), start_);
  EXPECT_NE(store_.Get(Key(1), start_ + absl::Minutes(1)), nullptr);
  EXPECT_EQ(store_.Get(Key(1), start_ + absl::Minutes(1) + absl::Milliseconds(1)), nullptr);
  EXPECT_EQ(Evictions("age"), 1);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_cache_bytes"), 0);
}

TEST_F(MemoryStoreTest, NeverTakesMoreThanItsRoomAndForgetsTheLeastRecentlyUsedFirst) {
  for (uint8_t i = 1; i <= 4; ++i) store_.Put(Key(i), Bytes(1'000), start_);
  EXPECT_NE(store_.Get(Key(1), start_), nullptr);
  store_.Put(Key(5), Bytes(1'000), start_);
  EXPECT_EQ(store_.Get(Key(2), start_), nullptr);
  for (const uint8_t i : {1, 3, 4, 5}) EXPECT_NE(store_.Get(Key(i), start_), nullptr) << int{i};
  EXPECT_EQ(Evictions("room"), 1);
  EXPECT_LE(MetricValue(registry_, "tessera_inference_cache_bytes"), 5'100);
}

TEST_F(MemoryStoreTest, DoesNotLetOneAnswerDriveOutAllOthers) {
  store_.Put(Key(1), Bytes(1'000), start_);
  store_.Put(Key(2), Bytes(1'276), start_);
  EXPECT_EQ(store_.Get(Key(2), start_), nullptr);
  EXPECT_NE(store_.Get(Key(1), start_), nullptr);
}

TEST_F(MemoryStoreTest, WithoutRoomKeepsNothing) {
  MemoryStore none(0, absl::Minutes(1), metrics_);
  none.Put(Key(1), Bytes(0), start_);
  EXPECT_EQ(none.Get(Key(1), start_), nullptr);
}

}  // namespace
}  // namespace tessera::inference
