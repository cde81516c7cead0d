// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/png/png_header.h"

#include "services/preprocess/picture/byte_reader.h"
#include "services/preprocess/picture/exif_orientation.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/png/png_chunks.h"

namespace tessera::preprocess {
namespace {

using std::string_view_literals::operator""sv;

// Far more than anybody writes; a bound on the time that a file of empty chunks costs.
constexpr int kMaxChunks = 100'000;
constexpr size_t kMaxProfileNameBytes = 80;

absl::Status Corrupt() { return HeaderCorruptError(PictureFormat::kPng); }

bool IsAllowedDepth(PngColor color, int bits) {
  switch (color) {
    case PngColor::kGray:
      return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
    case PngColor::kPalette:
      return bits == 1 || bits == 2 || bits == 4 || bits == 8;
    case PngColor::kRgb:
    case PngColor::kGrayAlpha:
    case PngColor::kRgba:
      return bits == 8 || bits == 16;
  }
  return false;
}

bool ReadFirstChunk(const PngChunk& chunk, PngHeader& header) {
  if (chunk.name != "IHDR" || chunk.content.size() != 13 || !chunk.ChecksumHolds()) return false;
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(chunk.content[at]); };
  const uint64_t width = *ReadBigEndian(chunk.content, 0, 4);
  const uint64_t height = *ReadBigEndian(chunk.content, 4, 4);
  if (width == 0 || height == 0 || width > 0x7FFFFFFF || height > 0x7FFFFFFF) return false;
  header.width_px = static_cast<uint32_t>(width);
  header.height_px = static_cast<uint32_t>(height);
  header.bits = byte(8);
  header.color = static_cast<PngColor>(byte(9));
  header.interlaced = byte(12) == 1;
  // There is one way of compressing, one set of filters and one way of interlacing.
  return IsAllowedDepth(header.color, header.bits) && byte(10) == 0 && byte(11) == 0 &&
         byte(12) <= 1;
}

// An iCCP chunk is a name, a zero, the number of the only way of compressing, and the profile.
std::string_view DeflatedProfile(std::string_view content) {
  const size_t name_end = content.substr(0, kMaxProfileNameBytes).find('\0');
  if (name_end == std::string_view::npos || content.size() < name_end + 2) return {};
  if (content[name_end + 1] != 0) return {};
  return content.substr(name_end + 2);
}

// What is damaged here is left out, as everybody does: the pixels are not.
void ReadAncillaryChunk(const PngChunk& chunk, PngHeader& header) {
  if (chunk.name == "zTXt" || chunk.name == "iTXt" || chunk.name == "tEXt" ||
      chunk.name == "eXIf" || chunk.name == "iCCP") {
    header.has_metadata = true;
  }
  if (chunk.name == "eXIf" && chunk.ChecksumHolds()) {
    header.orientation = ReadExifOrientation(chunk.content);
  } else if (chunk.name == "iCCP" && header.pixels_at == 0 && chunk.ChecksumHolds()) {
    header.deflated_profile = DeflatedProfile(chunk.content);
  } else if (chunk.name == "tRNS" && header.pixels_at == 0) {
    header.has_transparency = header.color == PngColor::kPalette ||
                              header.color == PngColor::kGray || header.color == PngColor::kRgb;
  }
}

bool MattersToPixels(std::string_view name) {
  return name == "IHDR" || name == "PLTE" || name == "tRNS" || name == "IDAT" || name == "IEND";
}

}  // namespace

int PngChannels(PngColor color) {
  switch (color) {
    case PngColor::kGray:
    case PngColor::kPalette:
      return 1;
    case PngColor::kGrayAlpha:
      return 2;
    case PngColor::kRgb:
      return 3;
    case PngColor::kRgba:
      return 4;
  }
  return 0;
}

absl::StatusOr<PngHeader> ReadPngHeader(std::string_view file) {
  const absl::Status truncated = TruncatedError(PictureFormat::kPng, file.size());
  PngHeader header;
  PngChunk chunk;
  PngChunkRead read = ReadPngChunk(file, kPngSignatureBytes, chunk);
  if (read == PngChunkRead::kCut) return truncated;
  if (read != PngChunkRead::kWhole || !ReadFirstChunk(chunk, header)) return Corrupt();
  for (int count = 0;; ++count) {
    if (count == kMaxChunks) return Corrupt();
    const size_t at = chunk.next;
    read = ReadPngChunk(file, at, chunk);
    if (read == PngChunkRead::kWhole) {
      if (chunk.name == "IEND") break;
      if (chunk.name == "IDAT" && header.pixels_at == 0) header.pixels_at = at;
      ReadAncillaryChunk(chunk, header);
      continue;
    }
    // What follows the pixels only adds to them; they may be whole.
    if (header.pixels_at != 0) break;
    if (read == PngChunkRead::kCut && chunk.name == "IDAT") header.pixels_at = at;
    if (header.pixels_at != 0) break;
    return read == PngChunkRead::kCut ? truncated : Corrupt();
  }
  if (header.pixels_at == 0) return Corrupt();
  return header;
}

std::string WithoutPngMetadata(std::string_view file) {
  std::string kept(file.substr(0, kPngSignatureBytes));
  PngChunk chunk;
  size_t at = kPngSignatureBytes;
  while (ReadPngChunk(file, at, chunk) == PngChunkRead::kWhole) {
    if (MattersToPixels(chunk.name)) kept.append(file.substr(at, chunk.next - at));
    at = chunk.next;
    if (chunk.name == "IEND") return kept;
  }
  // Let the decoder find for itself what is wrong with the rest.
  return kept.append(file.substr(at));
}

}  // namespace tessera::preprocess
