// SPDX-License-Identifier: Apache-2.0
#include "common/digest/sha256.h"

#include <gtest/gtest.h>

namespace tessera {
namespace {

// The examples of FIPS 180-4.
TEST(Sha256Test, AgreesWithTheStandardsExamples) {
  EXPECT_EQ(Sha256().HexDigest(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 abc;
  abc.Add("abc");
  EXPECT_EQ(abc.HexDigest(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256Test, DoesNotCareHowTheBytesAreCut) {
  const std::string million(1'000'000, 'a');
  Sha256 sha256;
  for (size_t at = 0; at < million.size(); at += 777) sha256.Add(million.substr(at, 777));
  EXPECT_EQ(sha256.HexDigest(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace
}  // namespace tessera
