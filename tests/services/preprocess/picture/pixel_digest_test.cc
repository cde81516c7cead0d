// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/pixel_digest.h"

#include <gtest/gtest.h>

namespace tessera::preprocess {
namespace {

TEST(PixelDigestTest, IsSha256InHex) {
  // The first example of the standard.
  EXPECT_EQ(PixelDigest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_NE(PixelDigest("abd"), PixelDigest("abc"));
}

}  // namespace
}  // namespace tessera::preprocess
