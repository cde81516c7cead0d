// SPDX-License-Identifier: Apache-2.0
//
// What an engine sees of a picture before it decodes it, and what the picture costs in tokens.
#ifndef TESSERA_SIMULATOR_PICTURE_PROBE_H_
#define TESSERA_SIMULATOR_PICTURE_PROBE_H_

#include <string>
#include <string_view>

#include "simulator/model_spec.h"

namespace tessera::simulator {

struct PictureHeader {
  std::string format = "unknown";  // "jpeg", "png", "gif", "bmp", "ppm", "webp"
  int width_px = 0;
  int height_px = 0;
};

// Reads format and size from the first bytes. False when an engine could not load the picture: no
// known format, no size, arithmetic-coded JPEG, PNG without its end.
bool ProbePicture(std::string_view bytes, PictureHeader* header);

// Prompt tokens of one picture for the qwen3-vl family, with its two marker tokens.
int PictureTokens(int width_px, int height_px, EngineGeneration generation);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_PICTURE_PROBE_H_
