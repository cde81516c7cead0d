// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/resample/lanczos_weights.h"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

namespace tessera::preprocess {
namespace {

int SumFor(const ResampleWeights& weights, uint32_t target) {
  return std::accumulate(weights.For(target), weights.For(target) + weights.stride, 0);
}

TEST(LanczosWeightsTest, SumExactlyToOneForEverySize) {
  for (uint32_t target : {1u, 2u, 31u, 576u, 768u}) {
    for (uint32_t source : {1u, 5u, 576u, 769u, 2014u, 8000u}) {
      for (bool half : {false, true}) {
        const double extent = source > 1 ? source - 0.5 : source;
        const ResampleWeights weights = MakeLanczosWeights({source, extent, target, half});
        for (uint32_t i = 0; i < target; ++i) {
          ASSERT_EQ(SumFor(weights, i), 1 << kWeightBits) << source << " to " << target;
          ASSERT_LE(weights.first[i] + weights.taps[i], source);
          ASSERT_LE(weights.taps[i], weights.stride);
        }
      }
    }
  }
}

TEST(LanczosWeightsTest, SameSizeIsTheIdentity) {
  const ResampleWeights weights = MakeLanczosWeights({100, 100, 100, false});
  for (uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(weights.first[i], i);
    EXPECT_EQ(weights.taps[i], 1u);
    EXPECT_EQ(weights.For(i)[0], 1 << kWeightBits);
  }
}

TEST(LanczosWeightsTest, HalfDensityAtTheFullSizeIsTheFilterOfJpegViewers) {
  const ResampleWeights weights = MakeLanczosWeights({50, 50, 100, true});
  const int quarter = (1 << kWeightBits) / 4;
  // Sample 21 of the picture is 3/4 of sample 10 and 1/4 of its right neighbour.
  const auto at = [&](uint32_t source) { return weights.For(21)[source - weights.first[21]]; };
  EXPECT_EQ(at(10), 3 * quarter);
  EXPECT_EQ(at(11), quarter);
  // The edges repeat.
  EXPECT_EQ(weights.For(0)[0 - weights.first[0]], 4 * quarter);
}

TEST(LanczosWeightsTest, WeightsAreSymmetric) {
  const ResampleWeights weights = MakeLanczosWeights({2016, 2016, 768, false});
  for (uint32_t i = 0; i < 384; ++i) {
    const uint32_t mirrored = 767 - i;
    ASSERT_EQ(weights.taps[i], weights.taps[mirrored]);
    for (uint32_t k = 0; k < weights.taps[i]; ++k) {
      ASSERT_NEAR(weights.For(i)[k], weights.For(mirrored)[weights.taps[i] - 1 - k], 4);
    }
  }
}

TEST(LanczosWeightsTest, TheCacheGivesTheSameTableToEverybody) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (uint32_t size = 100; size < 300; ++size) {
        const auto weights = CachedLanczosWeights({size, static_cast<double>(size), 64, false});
        ASSERT_EQ(weights->first.size(), 64u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(CachedLanczosWeights({77, 77, 64, false}), CachedLanczosWeights({77, 77, 64, false}));
}

}  // namespace
}  // namespace tessera::preprocess
