// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_STEPS_WORK_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_STEPS_WORK_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <vips/vips8>

#include "services/preprocess/picture/cancel_check.h"
#include "services/preprocess/picture/jpeg/jpeg_decoder.h"
#include "services/preprocess/picture/output_size.h"
#include "services/preprocess/picture/picture_limits.h"
#include "services/preprocess/picture/picture_options.h"
#include "services/preprocess/picture/pixel_buffer.h"
#include "services/preprocess/picture/png/png_header.h"
#include "services/preprocess/picture/prepared_picture.h"
#include "services/preprocess/picture/rows/plane_source.h"
#include "services/preprocess/picture/rows/row_source.h"
#include "services/preprocess/picture/sizing/size_plan.h"
#include "services/preprocess/picture/webp/webp_header.h"

namespace tessera::preprocess {

// One picture on its way through the steps. Each member names the step that fills it; a step reads
// only what earlier steps filled.
struct Work {
  // Given.
  std::string_view file;
  const PictureOptions& options;
  const PictureLimits& limits;
  CancelCheck cancelled;

  // ReadHeader, for other formats. Untouched pixels: nothing is decoded before somebody evaluates
  // it.
  vips::VImage header;
  // ReadHeader, for JPEG: has read its header.
  std::unique_ptr<JpegDecoder> jpeg;
  // ReadHeader, for PNG and for WebP that is not animated.
  PngHeader png;
  std::optional<WebpHeader> webp;

  // ReadHeader. The profile as it lies in the file; empty when there is none.
  std::string icc_profile;

  // Plan. Upright.
  SizePlan size;
  // Plan. Sides of the resized picture in stored orientation; result.plan says the rest.
  OutputSize target;
  // Plan. The profile is not sRGB, so that it has to be applied once the picture is small.
  bool has_foreign_profile = false;
  // Plan. One of these is set, and says which path is taken: planes of YCbCr, ...
  std::unique_ptr<PlaneSource> planes;
  // ... rows of 8-bit samples, ...
  std::unique_ptr<RowSource> rows;
  // ... or a picture that only libvips can deal with, untouched. DecodeAndResize: target-sized, in
  // the colours of the file. ConvertToSrgb: sRGB, alpha kept.
  vips::VImage image;
  // Plan. What `rows` or `image` read from, where that is not the whole file.
  std::string essential_file;

  // DecodePlanes (three planes), DecodeRows (one buffer in the colours of the file), Flatten (one
  // of RGB): opaque. ConvertRowsToSrgb: RGB. Then Upright and Pad.
  SampleLayout layout = SampleLayout::kRgbInterleaved;
  std::vector<PixelBuffer> buffers;

  // Time that the running step spent on another stage, to be reported as that stage.
  StageTimes inner_times;

  // The sniffing and header steps fill `source`; the later ones the rest.
  PreparedPicture result;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_STEPS_WORK_H_
