// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/picture_format.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "services/preprocess/picture/picture_errors.h"

namespace tessera::preprocess {
namespace {

using std::string_view_literals::operator""sv;

constexpr size_t kSniffBytes = 4096;

bool HasAt(std::string_view file, size_t offset, std::string_view magic) {
  return file.size() >= offset + magic.size() && file.substr(offset, magic.size()) == magic;
}

uint32_t BigEndian32(std::string_view bytes) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

// An ISO base media file starts with a box that lists brands: what the file claims to be.
std::optional<PictureFormat> SniffHeif(std::string_view file) {
  if (!HasAt(file, 4, "ftyp"sv) || file.size() < 16) return std::nullopt;
  const size_t box_bytes = std::min<size_t>(BigEndian32(file), std::min(file.size(), kSniffBytes));
  bool heic = false;
  for (size_t at = 8; at + 4 <= box_bytes; at += 4) {
    if (at == 12) continue;  // The minor version of the first brand.
    const std::string_view brand = file.substr(at, 4);
    if (brand == "avif" || brand == "avis") return PictureFormat::kAvif;
    for (std::string_view known :
         {"heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs", "mif1", "msf1"}) {
      if (brand == known) heic = true;
    }
  }
  if (heic) return PictureFormat::kHeic;
  return std::nullopt;
}

std::optional<PictureFormat> Recognise(std::string_view file) {
  if (HasAt(file, 0, "\xFF\xD8\xFF"sv)) return PictureFormat::kJpeg;
  if (HasAt(file, 0, "\x89PNG\r\n\x1A\n"sv)) return PictureFormat::kPng;
  if (HasAt(file, 0, "RIFF"sv) && HasAt(file, 8, "WEBP"sv)) return PictureFormat::kWebp;
  if (HasAt(file, 0, "GIF87a"sv) || HasAt(file, 0, "GIF89a"sv)) return PictureFormat::kGif;
  for (std::string_view tiff : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv}) {
    if (HasAt(file, 0, tiff)) return PictureFormat::kTiff;
  }
  return SniffHeif(file);
}

struct ForeignMagic {
  size_t offset;
  std::string_view magic;
  std::string_view description;
};

constexpr ForeignMagic kForeignMagics[] = {
    {0, "BM"sv, "a BMP picture"},
    {0, "%PDF"sv, "a PDF document"},
    {0, "8BPS"sv, "a Photoshop document"},
    {0, "\xFF\x0A"sv, "a JPEG XL picture"},
    {4, "JXL \r\n\x87\n"sv, "a JPEG XL picture"},
    {4, "jP  \r\n\x87\n"sv, "a JPEG 2000 picture"},
    {0, "\xFF\x4F\xFF\x51"sv, "a JPEG 2000 picture"},
    {0, "\0\0\1\0"sv, "an icon (ICO)"},
    {0, "#?RADIANCE"sv, "a Radiance HDR picture"},
    {0, "v/1\1"sv, "an OpenEXR picture"},
    {0, "qoif"sv, "a QOI picture"},
    {128, "DICM"sv, "a DICOM picture"},
    {0, "PK\3\4"sv, "a ZIP archive"},
    {0, "\x1F\x8B"sv, "gzip data"},
    {0,
     "\x7F"
     "ELF"sv,
     "a program"},
    {0, "MZ"sv, "a program"},
    {8, "WAVE"sv, "a WAV recording"},
    {8, "AVI "sv, "an AVI film"},
    {4, "ftyp"sv, "a film (MP4, MOV or their like)"},
    {0, "\x1A\x45\xDF\xA3"sv, "a film (WebM or Matroska)"},
    {0, "ID3"sv, "an MP3 recording"},
    {0, "OggS"sv, "an Ogg recording"},
};

// The beginning of a text: without white space in front, in lower case.
std::string TextHead(std::string_view file) {
  std::string head(file.substr(0, kSniffBytes));
  if (head.starts_with("\xEF\xBB\xBF")) head.erase(0, 3);
  absl::AsciiStrToLower(&head);
  absl::StripLeadingAsciiWhitespace(&head);
  return head;
}

bool LooksLikeText(std::string_view head) {
  return std::all_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte != 0x7F : absl::ascii_isspace(byte);
  });
}

}  // namespace

std::string_view FormatName(PictureFormat format) {
  switch (format) {
    case PictureFormat::kJpeg:
      return "jpeg";
    case PictureFormat::kPng:
      return "png";
    case PictureFormat::kWebp:
      return "webp";
    case PictureFormat::kGif:
      return "gif";
    case PictureFormat::kTiff:
      return "tiff";
    case PictureFormat::kAvif:
      return "avif";
    case PictureFormat::kHeic:
      return "heic";
  }
  return "unknown";
}

absl::StatusOr<PictureFormat> SniffFormat(std::string_view file) {
  if (file.empty()) return EmptyError();
  if (std::optional<PictureFormat> format = Recognise(file)) return *format;
  return FormatUnsupportedError(DescribeForeignBytes(file));
}

std::string_view DescribeForeignBytes(std::string_view file) {
  for (const ForeignMagic& foreign : kForeignMagics) {
    if (HasAt(file, foreign.offset, foreign.magic)) return foreign.description;
  }
  if (file.size() > 2 && file[0] == 'P' && file[1] >= '1' && file[1] <= '7' &&
      absl::ascii_isspace(static_cast<unsigned char>(file[2]))) {
    return "a PNM picture (PBM, PGM or PPM)";
  }
  const std::string text = TextHead(file);
  if (!LooksLikeText(text)) return "unknown bytes";
  if (text.starts_with("data:image/")) return "a data: URL (send the raw bytes)";
  if (text.starts_with("http://") || text.starts_with("https://")) {
    return "a URL (send the raw bytes)";
  }
  if (text.find("<svg") != std::string::npos) return "an SVG drawing";
  if (text.starts_with("<!doctype html") || text.starts_with("<html")) return "an HTML page";
  if (text.starts_with("/9j/") || text.starts_with("ivborw0kggo")) {
    return "base64 text (send the raw bytes)";
  }
  return "text";
}

}  // namespace tessera::preprocess
