// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/header_peek.h"

#include <algorithm>
#include <optional>

#include "common/status/status_macros.h"
#include "services/preprocess/picture/byte_reader.h"
#include "services/preprocess/picture/heif/heif_file.h"
#include "services/preprocess/picture/picture_errors.h"

namespace tessera::preprocess {
namespace {

// Real files have tens; a file made of empty segments is not worth reading to its end.
constexpr int kMaxSegments = 10'000;

void SetSides(HeaderPeek& peek, std::optional<uint64_t> width, std::optional<uint64_t> height) {
  if (!width || !height) return;
  peek.width_px = static_cast<uint32_t>(*width);
  peek.height_px = static_cast<uint32_t>(*height);
}

bool IsFrameHeader(uint64_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// From the sampling factors of a frame header whose marker is at `at`; 3 when they make no sense.
double SamplesPerPixel(std::string_view file, size_t at, uint64_t components) {
  uint64_t samples = 0, most_across = 0, most_down = 0;
  for (uint64_t i = 0; i < std::min<uint64_t>(components, 4); ++i) {
    const uint64_t factors = ReadBigEndian(file, at + 11 + 3 * i, 1).value_or(0);
    const uint64_t across = factors >> 4, down = factors & 0xF;
    if (across < 1 || across > 4 || down < 1 || down > 4) return 3;
    samples += across * down;
    most_across = std::max(most_across, across);
    most_down = std::max(most_down, down);
  }
  return samples == 0 ? 3
                      : static_cast<double>(samples) / static_cast<double>(most_across * most_down);
}

void PeekJpeg(std::string_view file, HeaderPeek& peek) {
  constexpr uint64_t kScan = 0xDA;
  uint64_t components = 0;
  size_t at = 2;
  for (int i = 0; i < kMaxSegments; ++i) {
    const auto marker = ReadBigEndian(file, at, 2);
    if (!marker || *marker >> 8 != 0xFF) return;
    const uint64_t kind = *marker & 0xFF;
    if (kind == 0xFF) {  // A fill byte.
      ++at;
      continue;
    }
    const auto bytes = ReadBigEndian(file, at + 2, 2);
    if (!bytes || *bytes < 2) return;
    if (IsFrameHeader(kind)) {
      SetSides(peek, ReadBigEndian(file, at + 7, 2), ReadBigEndian(file, at + 5, 2));
      components = ReadBigEndian(file, at + 9, 1).value_or(0);
      peek.samples_per_pixel = SamplesPerPixel(file, at, components);
      peek.progressive = (kind & 0x03) == 2;
      peek.binding = true;
    }
    if (kind == kScan) {
      // Components one after the other are held in memory like progressive ones.
      if (ReadBigEndian(file, at + 4, 1).value_or(components) < components) {
        peek.progressive = true;
      }
      return;
    }
    at += 2 + *bytes;
  }
}

void PeekPng(std::string_view file, HeaderPeek& peek) {
  SetSides(peek, ReadBigEndian(file, 16, 4), ReadBigEndian(file, 20, 4));
  peek.progressive = ReadBigEndian(file, 28, 1).value_or(0) == 1;
  peek.binding = file.size() >= 16 && file.substr(12, 4) == "IHDR";
}

void PeekWebp(std::string_view file, HeaderPeek& peek) {
  const std::string_view chunk = file.substr(std::min<size_t>(12, file.size()), 4);
  if (chunk == "VP8X") {
    const auto width = ReadLittleEndian(file, 24, 3);
    const auto height = ReadLittleEndian(file, 27, 3);
    if (width && height) SetSides(peek, *width + 1, *height + 1);
  } else if (chunk == "VP8L") {
    const auto bits = ReadLittleEndian(file, 21, 4);
    if (bits) SetSides(peek, (*bits & 0x3FFF) + 1, (*bits >> 14 & 0x3FFF) + 1);
  } else if (chunk == "VP8 ") {
    const auto width = ReadLittleEndian(file, 26, 2);
    const auto height = ReadLittleEndian(file, 28, 2);
    if (width && height) SetSides(peek, *width & 0x3FFF, *height & 0x3FFF);
  }
  peek.binding = true;
}

// The first directory, if it lies within these bytes.
void PeekTiff(std::string_view file, HeaderPeek& peek) {
  const TiffNumberReader read(file);
  const auto directory = read(4, 4);
  if (read(2, 2).value_or(0) != 42 || !directory) return;
  const auto entries = read(*directory, 2);
  for (size_t i = 0; i < entries.value_or(0); ++i) {
    const size_t at = *directory + 2 + 12 * i;
    const auto tag = read(at, 2);
    const auto type = read(at + 2, 2);
    if (!tag || !type) return;
    const auto value = read(at + 8, *type == 3 ? 2 : 4);
    if (*tag == 256 && value) peek.width_px = static_cast<uint32_t>(*value);
    if (*tag == 257 && value) peek.height_px = static_cast<uint32_t>(*value);
  }
}

}  // namespace

absl::StatusOr<HeaderPeek> PeekHeader(std::string_view first_bytes) {
  HeaderPeek peek;
  TESSERA_ASSIGN_OR_RETURN(peek.format, SniffFormat(first_bytes));
  switch (peek.format) {
    case PictureFormat::kJpeg:
      PeekJpeg(first_bytes, peek);
      break;
    case PictureFormat::kPng:
      PeekPng(first_bytes, peek);
      break;
    case PictureFormat::kWebp:
      PeekWebp(first_bytes, peek);
      break;
    case PictureFormat::kGif:
      SetSides(peek, ReadLittleEndian(first_bytes, 6, 2), ReadLittleEndian(first_bytes, 8, 2));
      break;
    case PictureFormat::kTiff:
      PeekTiff(first_bytes, peek);
      break;
    case PictureFormat::kAvif:
    case PictureFormat::kHeic:
      if (const HeifFile heif = ReadHeifFile(first_bytes); heif.stated_width_px > 0) {
        SetSides(peek, heif.stated_width_px, heif.stated_height_px);
      }
      break;
  }
  return peek;
}

absl::Status CheckPeek(const HeaderPeek& peek, const PictureLimits& limits) {
  if (!peek.binding || peek.Pixels() == 0) return absl::OkStatus();
  if (peek.Pixels() > limits.max_pixels) {
    return TooManyPixelsError(peek.width_px, peek.height_px, 1, limits.max_pixels);
  }
  const auto [short_side, long_side] = std::minmax(peek.width_px, peek.height_px);
  if (long_side > uint64_t{short_side} * limits.max_aspect_ratio) {
    return AspectExtremeError(peek.width_px, peek.height_px, limits.max_aspect_ratio);
  }
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
