// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "services/preprocess/picture/byte_reader.h"
#include "services/preprocess/picture/heif/bit_reader.h"
#include "services/preprocess/picture/heif/coded_size.h"

namespace tessera::preprocess {
namespace {

constexpr int kSequenceParameters = 33;
constexpr size_t kUnitHeaderBytes = 2;
// Everything up to the size fits easily.
constexpr size_t kMaxParameterBytes = 256;

// In a unit, two zeros are followed by a 3 that means nothing wherever they would otherwise be
// taken for the start of the next unit.
std::string WithoutGuards(std::string_view unit) {
  std::string plain;
  for (size_t i = 0; i < unit.size() && i < kMaxParameterBytes; ++i) {
    if (unit[i] == 3 && i >= 2 && unit[i - 1] == 0 && unit[i - 2] == 0) continue;
    plain += unit[i];
  }
  return plain;
}

void SkipProfileAndLevel(BitReader& bits, uint64_t more_layers) {
  constexpr size_t kProfileBits = 88, kLevelBits = 8;
  bits.Skip(kProfileBits + kLevelBits);
  if (more_layers == 0) return;
  bool has_profile[8] = {}, has_level[8] = {};
  for (uint64_t i = 0; i < more_layers; ++i) {
    has_profile[i] = bits.Take(1) != 0;
    has_level[i] = bits.Take(1) != 0;
  }
  bits.Skip(2 * (8 - more_layers));
  for (uint64_t i = 0; i < more_layers; ++i) {
    bits.Skip((has_profile[i] ? kProfileBits : 0) + (has_level[i] ? kLevelBits : 0));
  }
}

CodedSize SizeOfUnit(std::string_view unit) {
  if (unit.size() < kUnitHeaderBytes) return {};
  if ((static_cast<uint8_t>(unit[0]) >> 1 & 63) != kSequenceParameters) return {};
  const std::string plain = WithoutGuards(unit.substr(kUnitHeaderBytes));
  BitReader bits(plain);
  bits.Skip(4);
  const uint64_t more_layers = bits.Take(3);
  bits.Skip(1);
  SkipProfileAndLevel(bits, more_layers);
  bits.TakeGolomb();
  constexpr uint64_t kFullChroma = 3;
  if (bits.TakeGolomb() == kFullChroma) bits.Skip(1);
  const uint64_t width = bits.TakeGolomb(), height = bits.TakeGolomb();
  if (!bits.ok()) return {};
  constexpr uint64_t kAnyMore = uint64_t{1} << 31;
  return {std::min(width, kAnyMore), std::min(height, kAnyMore)};
}

}  // namespace

CodedSize LargestHevcSize(std::string_view hvcc_box) {
  CodedSize largest;
  size_t at = 22;
  const uint64_t arrays = ReadBigEndian(hvcc_box, at++, 1).value_or(0);
  for (uint64_t i = 0; i < arrays; ++i) {
    const uint64_t units = ReadBigEndian(hvcc_box, at + 1, 2).value_or(0);
    at += 3;
    for (uint64_t unit = 0; unit < units; ++unit) {
      const auto bytes = ReadBigEndian(hvcc_box, at, 2);
      if (!bytes) return largest;
      largest = Larger(largest, SizeOfUnit(hvcc_box.substr(at + 2, *bytes)));
      at += 2 + *bytes;
      if (at > hvcc_box.size()) return largest;
    }
  }
  return largest;
}

CodedSize LargestHevcSizeOfUnits(std::string_view units) {
  CodedSize largest;
  while (const auto bytes = ReadBigEndian(units, 0, 4)) {
    units.remove_prefix(4);
    largest = Larger(largest, SizeOfUnit(units.substr(0, *bytes)));
    if (*bytes >= units.size()) break;
    units.remove_prefix(*bytes);
  }
  return largest;
}

}  // namespace tessera::preprocess
