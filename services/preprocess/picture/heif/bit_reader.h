// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_HEIF_BIT_READER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_HEIF_BIT_READER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tessera::preprocess {

// Bits from the highest of each byte on. Beyond the end all bits are zero, and ok() is false.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  uint64_t Take(int bits) {
    uint64_t value = 0;
    for (; bits > 0; --bits) value = value << 1 | TakeBit();
    return value;
  }

  void Skip(size_t bits) { at_ += bits; }

  // An unsigned Exp-Golomb number, as video headers are full of.
  uint64_t TakeGolomb() {
    int zeros = 0;
    while (ok() && TakeBit() == 0) ++zeros;
    if (zeros > 32) return 0;
    return ((uint64_t{1} << zeros) - 1) + Take(zeros);
  }

  bool ok() const { return at_ <= bytes_.size() * 8; }

 private:
  uint64_t TakeBit() {
    const size_t byte = at_ / 8;
    const uint64_t bit =
        byte < bytes_.size() ? static_cast<uint8_t>(bytes_[byte]) >> (7 - at_ % 8) & 1 : 0;
    ++at_;
    return bit;
  }

  std::string_view bytes_;
  size_t at_ = 0;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_HEIF_BIT_READER_H_
