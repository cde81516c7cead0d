// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/source_info.h"

namespace tessera::preprocess {

std::string_view ColorSpaceName(ColorSpace color_space) {
  switch (color_space) {
    case ColorSpace::kGray:
      return "gray";
    case ColorSpace::kRgb:
      return "rgb";
    case ColorSpace::kCmyk:
      return "cmyk";
    case ColorSpace::kLab:
      return "lab";
    case ColorSpace::kOther:
      return "other";
  }
  return "other";
}

}  // namespace tessera::preprocess
