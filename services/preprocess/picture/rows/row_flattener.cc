// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/rows/row_flattener.h"

namespace tessera::preprocess {
namespace {

// Exactly rounded value / 255 for value <= 255 * 255.
constexpr uint8_t DivideBy255(uint32_t value) {
  return static_cast<uint8_t>((value + 128 + ((value + 128) >> 8)) >> 8);
}

template <size_t kChannels>
void Flatten(const uint8_t* in, size_t pixels, const uint8_t (&behind)[3], uint8_t* out) {
  for (size_t i = 0; i < pixels; ++i, in += kChannels, out += 3) {
    const uint32_t alpha = in[kChannels - 1];
    for (size_t c = 0; c < 3; ++c) {
      const uint32_t sample = in[kChannels == 4 ? c : 0];
      out[c] = DivideBy255(sample * alpha + behind[c] * (255 - alpha));
    }
  }
}

}  // namespace

void FlattenRow(const uint8_t* in, size_t channels, size_t pixels, const Rgb& background,
                uint8_t* out) {
  const uint8_t behind[3] = {background.red, background.green, background.blue};
  if (channels == 4) {
    Flatten<4>(in, pixels, behind, out);
  } else {
    Flatten<2>(in, pixels, behind, out);
  }
}

}  // namespace tessera::preprocess
