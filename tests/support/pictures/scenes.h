// SPDX-License-Identifier: Apache-2.0
//
// Pictures with known contents. The same arguments always draw the same picture.
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_SCENES_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_SCENES_H_

#include <cstdint>

#include "tests/support/pictures/drawing.h"

namespace tessera::testing {

enum class Shape { kCircle, kSquare, kTriangle, kStar };
enum class Direction { kUp, kRight, kDown, kLeft };

// An invoice: title, addresses, a table of figures, a total.
Drawing DrawDocument(uint32_t width_px, uint32_t height_px, uint64_t seed = 1);

// A bar chart with axes, grid and numbers.
Drawing DrawChart(uint32_t width_px, uint32_t height_px, uint64_t seed = 1);

// A hilly landscape under clouds, with the texture and the grain of a camera picture: as a JPEG
// of quality 90 it has about 1.5 bits a pixel.
Drawing DrawPhoto(uint32_t width_px, uint32_t height_px, uint64_t seed = 1);

// A small such photo again and again, where only size and grain matter: drawn in a tenth of the
// time.
Drawing TilePhoto(uint32_t width_px, uint32_t height_px);

// One shape of one colour in the middle.
Drawing DrawShape(uint32_t width_px, uint32_t height_px, Shape shape, Color fill,
                  Color background = kWhite);

// A black arrow on white that points one way: wrong orientation shows at once.
Drawing DrawArrow(uint32_t width_px, uint32_t height_px, Direction direction);

// Top left red, top right green, bottom left blue, bottom right white: every one of the eight
// orientations of it is different.
Drawing DrawQuadrants(uint32_t width_px, uint32_t height_px);

// Red grows to the right, green grows downwards, blue falls along the diagonal.
Drawing DrawGradient(uint32_t width_px, uint32_t height_px);

// Fine detail of every direction and frequency (a zone plate): what shows aliasing.
Drawing DrawZonePlate(uint32_t width_px, uint32_t height_px);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_SCENES_H_
