// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_ORIENTATION_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_ORIENTATION_H_

namespace tessera::preprocess {

// How a stored pixel is found from an upright one, for an EXIF orientation: swap the axes first,
// then count from the far end where a mirror is set. stored_x runs along the upright x axis, or
// along the upright y axis when the axes are swapped.
struct Orientation {
  bool swap_axes = false;
  bool mirror_x = false;
  bool mirror_y = false;

  bool IsUpright() const { return !swap_axes && !mirror_x && !mirror_y; }
};

// `exif` outside [1, 8] counts as 1: files with nonsense there are shown as they are everywhere.
constexpr Orientation OrientationFromExif(int exif) {
  switch (exif) {
    case 2:
      return {.mirror_x = true};
    case 3:
      return {.mirror_x = true, .mirror_y = true};
    case 4:
      return {.mirror_y = true};
    case 5:
      return {.swap_axes = true};
    case 6:
      return {.swap_axes = true, .mirror_y = true};
    case 7:
      return {.swap_axes = true, .mirror_x = true, .mirror_y = true};
    case 8:
      return {.swap_axes = true, .mirror_x = true};
    default:
      return {};
  }
}

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_ORIENTATION_H_
