// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/truncation.h"

#include <algorithm>

#include "services/preprocess/picture/byte_reader.h"
#include "services/preprocess/picture/jpeg/jpeg_scans.h"

namespace tessera::preprocess {
namespace {

bool IsLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool PngLooksTruncated(std::string_view file) {
  for (size_t at = 8;;) {
    const auto bytes = ReadBigEndian(file, at, 4);
    if (!bytes || file.size() - at < 8) return true;
    const std::string_view name = file.substr(at + 4, 4);
    if (name == "IEND") return false;
    if (!std::all_of(name.begin(), name.end(), IsLetter)) return false;  // Damaged, not cut.
    if (*bytes > file.size() || at + 12 + *bytes > file.size()) return true;
    at += 12 + *bytes;
  }
}

bool HeifLooksTruncated(std::string_view file) {
  for (size_t at = 0; at < file.size();) {
    auto bytes = ReadBigEndian(file, at, 4);
    if (bytes && *bytes == 1) bytes = ReadBigEndian(file, at + 8, 8);
    if (!bytes) return true;
    if (*bytes == 0) return false;  // Reaches to the end of the file, wherever that is.
    if (*bytes < 8) return false;
    if (*bytes > file.size() - at) return true;
    at += *bytes;
  }
  return false;
}

bool TiffLooksTruncated(std::string_view file) {
  const TiffNumberReader read(file);
  const auto version = read(2, 2);
  const bool big_tiff = version && *version == 43;
  const auto directory = big_tiff ? read(8, 8) : read(4, 4);
  if (!directory || *directory >= file.size()) return true;
  const auto entries = read(*directory, big_tiff ? 8 : 2);
  const uint64_t entry_bytes = big_tiff ? 20 : 12;
  return !entries || *entries > (file.size() - *directory) / entry_bytes;
}

}  // namespace

bool LooksTruncated(PictureFormat format, std::string_view file) {
  switch (format) {
    case PictureFormat::kJpeg:
      return !FindJpegScans(file).has_end;
    case PictureFormat::kPng:
      return PngLooksTruncated(file);
    case PictureFormat::kWebp: {
      const auto riff_bytes = ReadLittleEndian(file, 4, 4);
      return !riff_bytes || *riff_bytes + 8 > file.size();
    }
    case PictureFormat::kGif:
      return file.back() != ';';
    case PictureFormat::kTiff:
      return TiffLooksTruncated(file);
    case PictureFormat::kAvif:
    case PictureFormat::kHeic:
      return HeifLooksTruncated(file);
  }
  return false;
}

}  // namespace tessera::preprocess
