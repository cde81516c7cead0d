// SPDX-License-Identifier: Apache-2.0
#include "cli/error_advice.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>

namespace tessera::cli {
namespace {

// Words in capitals in the comments of the API's services: the reasons, and what else looks alike.
std::set<std::string> WordsInCapitals() {
  std::set<std::string> words;
  const std::regex word("\\b[A-Z]+(_[A-Z]+)+|DRAINING|CANCELLED");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TESSERA_PROTO_DIR)) {
    if (entry.path().extension() != ".proto") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      const size_t comment = line.find("//");
      if (comment == std::string::npos) continue;
      const std::string text = line.substr(comment);
      for (std::sregex_iterator i(text.begin(), text.end(), word), end; i != end; ++i) {
        words.insert(i->str());
      }
    }
  }
  return words;
}

bool IsReason(const std::string& word) {
  static const std::set<std::string> kCodes = {
      "INVALID_ARGUMENT", "NOT_FOUND",          "FAILED_PRECONDITION", "RESOURCE_EXHAUSTED",
      "ALREADY_EXISTS",   "PERMISSION_DENIED",  "OUT_OF_RANGE",        "DATA_LOSS",
      "UPPER_SNAKE",      "IMAGE_ENCODING_JPEG"};
  // Values of enums, kinds of quantisation, and environment variables of the engine look alike.
  for (const char* prefix :
       {"CACHE_POLICY_", "K_", "OLLAMA_", "PRIORITY_", "ROLE_", "TENSOR_LAYOUT_", "TENSOR_TYPE_"}) {
    if (word.rfind(prefix, 0) == 0) return false;
  }
  return !kCodes.contains(word);
}

TEST(ErrorAdviceTest, KnowsEveryReasonThatTheApiDocuments) {
  const std::set<std::string> words = WordsInCapitals();
  ASSERT_TRUE(words.contains("MODEL_NOT_FOUND"));
  for (const std::string& word : words) {
    EXPECT_TRUE(!IsReason(word) || HasAdviceFor(word)) << word;
  }
}

TEST(ErrorAdviceTest, AdvisesByCodeWhereTheReasonIsUnknown) {
  EXPECT_FALSE(HasAdviceFor("SOMETHING_NEW"));
  for (int code = 1; code <= 16; ++code) {
    EXPECT_FALSE(AdviceFor("SOMETHING_NEW", static_cast<absl::StatusCode>(code)).empty()) << code;
  }
  EXPECT_EQ(AdviceFor("SOMETHING_NEW", absl::StatusCode::kUnavailable), "Try again in a moment.");
}

}  // namespace
}  // namespace tessera::cli
