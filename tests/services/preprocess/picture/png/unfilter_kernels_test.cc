// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/png/unfilter_kernels.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "tests/support/pictures/random.h"

namespace tessera::preprocess {
namespace {

using tessera::testing::Random;

constexpr PngFilter kFilters[] = {PngFilter::kNone, PngFilter::kSub, PngFilter::kUp,
                                  PngFilter::kAverage, PngFilter::kPaeth};

std::vector<uint8_t> Noise(size_t bytes, uint64_t seed) {
  Random random(seed);
  std::vector<uint8_t> noise(bytes);
  for (uint8_t& byte : noise) byte = static_cast<uint8_t>(random.Next());
  return noise;
}

// The specification's words: a predictor per byte.
uint8_t Prediction(PngFilter filter, int left, int above, int corner) {
  switch (filter) {
    case PngFilter::kSub:
      return static_cast<uint8_t>(left);
    case PngFilter::kUp:
      return static_cast<uint8_t>(above);
    case PngFilter::kAverage:
      return static_cast<uint8_t>((left + above) / 2);
    case PngFilter::kPaeth: {
      const int p = left + above - corner;
      const int pa = std::abs(p - left), pb = std::abs(p - above), pc = std::abs(p - corner);
      return static_cast<uint8_t>(pa <= pb && pa <= pc ? left : pb <= pc ? above : corner);
    }
    default:
      return 0;
  }
}

std::vector<uint8_t> Filtered(PngFilter filter, const std::vector<uint8_t>& row,
                              const std::vector<uint8_t>& above, size_t pixel_bytes) {
  std::vector<uint8_t> out(row.size());
  for (size_t i = 0; i < row.size(); ++i) {
    const bool first = i < pixel_bytes;
    out[i] =
        static_cast<uint8_t>(row[i] - Prediction(filter, first ? 0 : row[i - pixel_bytes], above[i],
                                                 first ? 0 : above[i - pixel_bytes]));
  }
  return out;
}

void ExpectRestoresEverything(const UnfilterKernels& kernels) {
  for (size_t pixel_bytes : {1u, 2u, 3u, 4u}) {
    for (size_t pixels : {1u, 2u, 3u, 5u, 16u, 31u, 333u}) {
      const size_t bytes = pixels * pixel_bytes;
      for (PngFilter filter : kFilters) {
        const std::vector<uint8_t> row = Noise(bytes, bytes), above = Noise(bytes, bytes + 1);
        std::vector<uint8_t> in = Filtered(filter, row, above, pixel_bytes);
        in.push_back(0);
        std::vector<uint8_t> padded_above = above, out(bytes + 1, 0xEE);
        padded_above.push_back(0);
        kernels.restore(filter, in.data(), padded_above.data(), bytes, pixel_bytes, out.data());
        out.resize(bytes);
        EXPECT_EQ(out, row) << "filter " << static_cast<int>(filter) << ", " << pixels
                            << " pixels of " << pixel_bytes;
      }
    }
  }
}

TEST(UnfilterKernelsTest, PortableOnesRestoreEveryFilter) {
  ExpectRestoresEverything(PortableUnfilter());
}

TEST(UnfilterKernelsTest, FastOnesRestoreEveryFilter) {
  if (Avx2Unfilter() == nullptr) GTEST_SKIP() << "this processor has no AVX2";
  ExpectRestoresEverything(*Avx2Unfilter());
}

}  // namespace
}  // namespace tessera::preprocess
