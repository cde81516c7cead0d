// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/pixel_digest.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace tessera::preprocess {
namespace {

std::string Of(SampleLayout layout, uint32_t quality, uint32_t width, uint32_t height,
               const std::vector<uint8_t>& samples) {
  const std::span<const uint8_t> block = samples;
  return PixelDigest(layout, quality, width, height, std::span(&block, 1));
}

TEST(PixelDigestTest, IsSha256OfThePreambleAndTheSamples) {
  // printf 'TPX\x01\x00\x5c\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\xff\x00\x00\x00\xff\x00' |
  // sha256sum
  EXPECT_EQ(Of(SampleLayout::kRgbInterleaved, 92, 2, 1, {255, 0, 0, 0, 255, 0}),
            "20e2c13c7d0f177ded6937f774b257800fa0c806fa064ea855726b0d3c014d12");
}

TEST(PixelDigestTest, DoesNotDependOnHowSamplesAreCutIntoBlocks) {
  const std::vector<uint8_t> all = {1, 2, 3, 4, 5, 6};
  const std::array<std::span<const uint8_t>, 3> planes = {
      std::span(all).subspan(0, 2), std::span(all).subspan(2, 2), std::span(all).subspan(4, 2)};
  EXPECT_EQ(PixelDigest(SampleLayout::kYcbcrPlanar, 92, 2, 1, planes),
            Of(SampleLayout::kYcbcrPlanar, 92, 2, 1, all));
}

TEST(PixelDigestTest, ChangesWithEverythingThatAnEngineCanSee) {
  const std::vector<uint8_t> samples = {1, 2, 3, 4, 5, 6};
  const std::string digest = Of(SampleLayout::kRgbInterleaved, 92, 2, 1, samples);
  EXPECT_NE(digest, Of(SampleLayout::kRgbInterleaved, 92, 1, 2, samples));
  EXPECT_NE(digest, Of(SampleLayout::kRgbInterleaved, 50, 2, 1, samples));
  EXPECT_NE(digest, Of(SampleLayout::kRgbInterleaved, 0, 2, 1, samples));
  EXPECT_NE(digest, Of(SampleLayout::kYcbcrPlanar, 92, 2, 1, samples));
  EXPECT_NE(digest, Of(SampleLayout::kRgbInterleaved, 92, 2, 1, {1, 2, 3, 4, 5, 7}));
}

}  // namespace
}  // namespace tessera::preprocess
