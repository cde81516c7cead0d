// SPDX-License-Identifier: Apache-2.0
#include "simulator/picture_probe.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "simulator/text.h"

namespace tessera::simulator {
namespace {

int Byte(std::string_view bytes, size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}
int Big16(std::string_view bytes, size_t at) { return Byte(bytes, at) << 8 | Byte(bytes, at + 1); }
int Little16(std::string_view bytes, size_t at) {
  return Byte(bytes, at + 1) << 8 | Byte(bytes, at);
}
int Little24(std::string_view bytes, size_t at) {
  return Byte(bytes, at + 2) << 16 | Little16(bytes, at);
}
int Big32(std::string_view bytes, size_t at) {
  return static_cast<int>(static_cast<uint32_t>(Big16(bytes, at)) << 16 |
                          static_cast<uint32_t>(Big16(bytes, at + 2)));
}

void ProbeJpeg(std::string_view bytes, PictureHeader* header) {
  size_t at = 2;
  while (at + 9 < bytes.size()) {
    if (Byte(bytes, at) != 0xff) {
      return;
    }
    const int marker = Byte(bytes, at + 1);
    if (marker == 0xff) {
      ++at;
      continue;
    }
    // SOF0 to SOF3; those from SOF9 on are arithmetic-coded, which no engine decodes.
    if (marker >= 0xc0 && marker <= 0xc3) {
      header->height_px = Big16(bytes, at + 5);
      header->width_px = Big16(bytes, at + 7);
      return;
    }
    if ((marker >= 0xc9 && marker <= 0xcf && marker != 0xcc) || marker == 0xda) {
      return;
    }
    at += 2 + static_cast<size_t>(Big16(bytes, at + 2));
  }
}

void ProbeWebp(std::string_view bytes, PictureHeader* header) {
  const std::string_view chunk = bytes.substr(12, 4);
  if (chunk == "VP8 ") {
    header->width_px = Little16(bytes, 26) & 0x3fff;
    header->height_px = Little16(bytes, 28) & 0x3fff;
  } else if (chunk == "VP8L") {
    const int packed = Little24(bytes, 21);
    header->width_px = (packed & 0x3fff) + 1;
    header->height_px = ((packed >> 14 | Byte(bytes, 24) << 10) & 0x3fff) + 1;
  } else if (chunk == "VP8X") {
    header->width_px = Little24(bytes, 24) + 1;
    header->height_px = Little24(bytes, 27) + 1;
  }
}

// The rule of both generations, which differ in rounding, in the limits and in the precision, which
// decides where a side is a whole number of patches: Real is float or double.
template <typename Real>
int SmartResizeTokens(Real width, Real height, Real min_px, Real max_px, Real (*round)(Real)) {
  constexpr Real kFactor = 32;
  Real w = std::max(kFactor, round(width / kFactor) * kFactor);
  Real h = std::max(kFactor, round(height / kFactor) * kFactor);
  if (w * h > max_px) {
    const Real beta = std::sqrt(width * height / max_px);
    w = std::max(kFactor, std::floor(width / beta / kFactor) * kFactor);
    h = std::max(kFactor, std::floor(height / beta / kFactor) * kFactor);
  } else if (w * h < min_px) {
    const Real beta = std::sqrt(min_px / (width * height));
    w = std::ceil(width * beta / kFactor) * kFactor;
    h = std::ceil(height * beta / kFactor) * kFactor;
  }
  constexpr int kMarkers = 2;
  return static_cast<int>(w / kFactor * (h / kFactor)) + kMarkers;
}

}  // namespace

bool ProbePicture(std::string_view bytes, PictureHeader* header) {
  if (bytes.starts_with("\xff\xd8\xff")) {
    header->format = "jpeg";
    ProbeJpeg(bytes, header);
  } else if (bytes.starts_with("\x89PNG\r\n\x1a\n")) {
    header->format = "png";
    if (bytes.size() >= 45 && bytes.substr(bytes.size() - 8, 4) == "IEND") {
      header->width_px = Big32(bytes, 16);
      header->height_px = Big32(bytes, 20);
    }
  } else if (bytes.starts_with("GIF8")) {
    header->format = "gif";
    header->width_px = Little16(bytes, 6);
    header->height_px = Little16(bytes, 8);
  } else if (bytes.starts_with("BM")) {
    header->format = "bmp";
    header->width_px = Little16(bytes, 18) | Little16(bytes, 20) << 16;
    header->height_px = std::abs(Little16(bytes, 22) | Little16(bytes, 24) << 16);
  } else if (bytes.starts_with("P6")) {
    header->format = "ppm";
    const std::string start(bytes.substr(0, 64));
    if (std::sscanf(start.c_str(), "P6 %d %d", &header->width_px, &header->height_px) != 2) {
      return false;
    }
  } else if (bytes.starts_with("RIFF") && bytes.size() > 30 && bytes.substr(8, 4) == "WEBP") {
    header->format = "webp";
    ProbeWebp(bytes, header);
  }
  return header->width_px > 0 && header->height_px > 0;
}

int PictureTokens(int width_px, int height_px, EngineGeneration generation) {
  if (generation == EngineGeneration::kLegacy) {
    return SmartResizeTokens<double>(width_px, height_px, 65'536, 2'097'152,
                                     [](double x) { return std::nearbyint(x); });
  }
  return SmartResizeTokens<float>(static_cast<float>(width_px), static_cast<float>(height_px),
                                  1'048'576, 4'194'304, [](float x) { return std::round(x); });
}

}  // namespace tessera::simulator
