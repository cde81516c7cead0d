// SPDX-License-Identifier: Apache-2.0
//
// Every way a file can be shown wrong, against what was drawn.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/correctness_cases.h"
#include "tests/support/pictures/encoding.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.

PictureOptions OptionsFor(const CorrectnessCase& c) {
  PictureOptions options = Lossless();
  options.frame = c.frame;
  options.background = {kCaseBackground.red, kCaseBackground.green, kCaseBackground.blue};
  return options;
}

TEST(CorrectnessTest, EveryPictureComesOutAsItWasMeant) {
  for (const CorrectnessCase& c : CorrectnessCases()) {
    SCOPED_TRACE(c.name);
    const auto prepared = Prepare(c.file, OptionsFor(c));
    if (!prepared.ok()) {
      ADD_FAILURE() << prepared.status();
      continue;
    }
    EXPECT_GE(Psnr(Decode(prepared->bytes), c.truth), c.min_psnr);
  }
}

// The way that most callers take: a JPEG comes out.
TEST(CorrectnessTest, AndAsJpegToo) {
  for (const CorrectnessCase& c : CorrectnessCases()) {
    PictureOptions options = OptionsFor(c);
    options.encoding = PictureEncoding::kJpeg;
    options.jpeg_quality = 97;
    const auto prepared = Prepare(c.file, options);
    ASSERT_TRUE(prepared.ok()) << c.name << prepared.status();
    EXPECT_GE(Psnr(Decode(prepared->bytes), c.truth), std::min(c.min_psnr - 1, 34.0)) << c.name;
  }
}

}  // namespace
}  // namespace tessera::preprocess
