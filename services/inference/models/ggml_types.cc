// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/ggml_types.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"

namespace tessera::inference {
namespace {

struct BlockType {
  std::string_view name;
  uint64_t numbers;  // Per block.
  uint64_t bytes;    // Per block.
};

constexpr std::array kTypes = std::to_array<BlockType>({
    {"F32", 1, 4},        {"F16", 1, 2},        {"BF16", 1, 2},       {"F64", 1, 8},
    {"I8", 1, 1},         {"I16", 1, 2},        {"I32", 1, 4},        {"I64", 1, 8},
    {"Q4_0", 32, 18},     {"Q4_1", 32, 20},     {"Q5_0", 32, 22},     {"Q5_1", 32, 24},
    {"Q8_0", 32, 34},     {"Q8_1", 32, 36},     {"Q2_K", 256, 84},    {"Q3_K", 256, 110},
    {"Q4_K", 256, 144},   {"Q5_K", 256, 176},   {"Q6_K", 256, 210},   {"Q8_K", 256, 292},
    {"IQ1_S", 256, 50},   {"IQ1_M", 256, 56},   {"IQ2_XXS", 256, 66}, {"IQ2_XS", 256, 74},
    {"IQ2_S", 256, 82},   {"IQ3_XXS", 256, 98}, {"IQ3_S", 256, 110},  {"IQ4_NL", 32, 18},
    {"IQ4_XS", 256, 136}, {"MXFP4", 32, 17},    {"TQ1_0", 256, 54},   {"TQ2_0", 256, 66},
});

}  // namespace

uint64_t TensorBytes(std::string_view type, uint64_t numbers) {
  const std::string upper = absl::AsciiStrToUpper(std::string(type));
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const BlockType& known) { return known.name == upper; });
  if (found == kTypes.end()) return numbers;
  return (numbers + found->numbers - 1) / found->numbers * found->bytes;
}

}  // namespace tessera::inference
