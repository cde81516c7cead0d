// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_HEIF_BOXES_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_HEIF_BOXES_H_

#include <string>

namespace tessera::testing {

// An AVIF or HEIC file with one more property of its picture: how often viewers turn it to the left
// by 90 degrees (1 to 3), or along which axis they mirror it (0: top and bottom change places, 1:
// left and right do). No encoder here writes these.
std::string WithHeifRotation(const std::string& file, int quarter_turns);
std::string WithHeifMirror(const std::string& file, int axis);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_HEIF_BOXES_H_
