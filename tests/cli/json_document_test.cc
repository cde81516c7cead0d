// SPDX-License-Identifier: Apache-2.0
#include "cli/json_document.h"

#include <gtest/gtest.h>
#include <tessera/inference/v1/inference_service.pb.h>

namespace tessera::cli {
namespace {

TEST(JsonDocumentTest, KeepsFieldsThatHoldTheirDefault) {
  inference::v1::ImageSummary summary;
  summary.set_index(0);
  summary.set_size_bytes(5'000'000'000);
  const auto document = ToDocument(summary);
  EXPECT_EQ(document["index"], 0);
  EXPECT_EQ(document["sizeBytes"], "5000000000");
}

TEST(JsonDocumentTest, LeavesOutAnUnknownConfidence) {
  inference::v1::ClassifyResponse response;
  EXPECT_FALSE(ToDocument(response).contains("confidence"));
  response.set_confidence(0.5);
  EXPECT_EQ(ToDocument(response)["confidence"], 0.5);
}

TEST(JsonDocumentTest, FitsOnOneLineWhateverIsInIt) {
  const nlohmann::ordered_json document = {{"text", "a\nb\x1b[1m ü"}, {"file", "\xff"}};
  const std::string line = OneLine(document, /*ascii=*/false);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_NE(line.find("ü"), std::string::npos);
  for (const char c : OneLine(document, /*ascii=*/true)) EXPECT_TRUE(c >= ' ' && c < 127);
}

}  // namespace
}  // namespace tessera::cli
