// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/tiff/tiff_claims.h"

#include "services/preprocess/picture/byte_reader.h"

namespace tessera::preprocess {
namespace {

constexpr uint32_t kMaxPage = 10'000;

constexpr uint64_t kImageWidth = 256;
constexpr uint64_t kImageLength = 257;
constexpr uint64_t kTileWidth = 322;
constexpr uint64_t kTileLength = 323;
constexpr uint64_t kIccProfile = 34675;

constexpr uint64_t kShort = 3;

// Both kinds of TIFF: with offsets of 32 bits, and with offsets of 64.
class Directories {
 public:
  explicit Directories(std::string_view file)
      : file_bytes_(file.size()),
        read_(file),
        big_(read_(2, 2) == 43),
        offset_bytes_(big_ ? 8 : 4),
        entry_bytes_(big_ ? 20 : 12) {
    at_ = read_(big_ ? 8 : 4, offset_bytes_);
  }

  bool Next() {
    const auto entries = Entries();
    if (!entries) return false;
    at_ = read_(*at_ + CountBytes() + *entries * entry_bytes_, offset_bytes_);
    return at_ && *at_ != 0;
  }

  std::optional<TiffClaims> Claims() const {
    const auto entries = Entries();
    if (!entries) return std::nullopt;
    TiffClaims claims;
    for (uint64_t i = 0; i < *entries; ++i) {
      const size_t entry = *at_ + CountBytes() + i * entry_bytes_;
      const auto tag = read_(entry, 2);
      const auto type = read_(entry + 2, 2);
      const auto count = read_(entry + 4, offset_bytes_);
      const auto value = read_(entry + 4 + offset_bytes_, type == kShort ? 2 : offset_bytes_);
      if (!tag || !type || !count || !value) return std::nullopt;
      if (*tag == kImageWidth) claims.width_px = *value;
      if (*tag == kImageLength) claims.height_px = *value;
      if (*tag == kTileWidth) claims.tile_width_px = *value;
      if (*tag == kTileLength) claims.tile_height_px = *value;
      if (*tag == kIccProfile) claims.icc_profile_bytes = *count;
    }
    return claims;
  }

 private:
  size_t CountBytes() const { return big_ ? 8 : 2; }

  // How many there are; nothing when they do not fit into the file.
  std::optional<uint64_t> Entries() const {
    if (!at_ || *at_ > file_bytes_) return std::nullopt;
    const auto entries = read_(*at_, CountBytes());
    if (!entries || *entries > (file_bytes_ - *at_) / entry_bytes_) return std::nullopt;
    return entries;
  }

  const uint64_t file_bytes_;
  const TiffNumberReader read_;
  const bool big_;
  const size_t offset_bytes_;
  const size_t entry_bytes_;
  std::optional<uint64_t> at_;
};

}  // namespace

std::optional<TiffClaims> ReadTiffClaims(std::string_view file, uint32_t page) {
  if (page > kMaxPage) return std::nullopt;
  Directories directories(file);
  for (uint32_t i = 0; i < page; ++i) {
    if (!directories.Next()) return std::nullopt;
  }
  return directories.Claims();
}

}  // namespace tessera::preprocess
