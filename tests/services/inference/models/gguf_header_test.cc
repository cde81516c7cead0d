// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/gguf_header.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using ::tessera::testing::IsError;

std::string Header(uint32_t version, uint64_t tensors, uint64_t entries) {
  std::string bytes = "GGUF";
  const auto add = [&](uint64_t number, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i));
  };
  add(version, 4);
  add(tensors, 8);
  add(entries, 8);
  return bytes;
}

TEST(GgufHeaderTest, TakesHeadersOfModelsAndFilesOfOtherKinds) {
  EXPECT_TRUE(CheckGgufHeader(Header(3, 255, 28)).ok());
  EXPECT_TRUE(CheckGgufHeader(Header(2, 0, 1)).ok());
  EXPECT_TRUE(CheckGgufHeader("{\"json\": 1}").ok());
  EXPECT_TRUE(CheckGgufHeader("").ok());
}

TEST(GgufHeaderTest, RefusesHeadersThatLie) {
  const auto refused = IsError(absl::StatusCode::kFailedPrecondition, "MODEL_FILES_UNSUPPORTED");
  EXPECT_THAT(CheckGgufHeader(Header(0x12345678, 1, 1)), refused);
  EXPECT_THAT(CheckGgufHeader(Header(3, uint64_t{1} << 60, 1)), refused);
  EXPECT_THAT(CheckGgufHeader(Header(3, 1, uint64_t{1} << 60)), refused);
  EXPECT_THAT(CheckGgufHeader("GGUF"), refused);
}

}  // namespace
}  // namespace tessera::inference
