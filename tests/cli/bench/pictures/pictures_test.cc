// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/bench/pictures/scenes.h"

namespace tessera::bench {
namespace {

TEST(ScenesTest, AreAsLargeAsAsked) {
  for (const auto kind : kKinds) {
    const Canvas canvas = DrawScene(kind, 300, 1);
    EXPECT_EQ(std::max(canvas.width(), canvas.height()), 300) << kind;
  }
}

TEST(ScenesTest, DifferBySeedAndAreTheSameForOne) {
  for (const auto kind : kKinds) {
    EXPECT_EQ(DrawScene(kind, 200, 1).pixels(), DrawScene(kind, 200, 1).pixels()) << kind;
    EXPECT_NE(DrawScene(kind, 200, 1).pixels(), DrawScene(kind, 200, 2).pixels()) << kind;
  }
}

TEST(EncodingTest, BeginsAsItsFormatDoes) {
  const Canvas canvas = DrawScene("shape", 64, 1);
  EXPECT_TRUE(EncodePicture(canvas, FileFormat::kJpeg).starts_with("\xff\xd8\xff"));
  EXPECT_TRUE(EncodePicture(canvas, FileFormat::kPng).starts_with("\x89PNG"));
  EXPECT_EQ(EncodePicture(canvas, FileFormat::kWebp).substr(8, 4), "WEBP");
  EXPECT_TRUE(EncodePicture(canvas, FileFormat::kTiff).starts_with("MM"));
}

}  // namespace
}  // namespace tessera::bench
