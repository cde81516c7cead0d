// SPDX-License-Identifier: Apache-2.0
//
// The steps of picture preparation, one function and one source file each, in the order in which
// pipeline.cc runs them. A step may throw vips::VError; the pipeline turns that into an error that
// fits the stage.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_STEPS_STEPS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_STEPS_STEPS_H_

#include "absl/status/status.h"
#include "services/preprocess/picture/steps/work.h"

namespace tessera::preprocess {

// Checks the size of the file and recognises its format.
absl::Status Sniff(Work& work);

// Opens the file with the decoder of exactly that format and reads what it says about itself.
absl::Status ReadHeader(Work& work);

// Refuses what would cost too much or crash an engine, on what the decoder reported.
absl::Status CheckLimits(Work& work);

// Decides the sides of the result, how far the decoder itself may shrink, and which path to take.
absl::Status Plan(Work& work);

// The fast path: decodes a JPEG at a reduced scale to planes and resamples them with Lanczos3, row
// by row. Its output is YCbCr all the way to the encoder.
absl::Status DecodeJpegPlanes(Work& work);

// The path for everything else: decodes, shrinking while decoding where the format can, and
// resamples with Lanczos3; colours with alpha are premultiplied meanwhile, so that hidden colours
// do not bleed.
absl::Status DecodeAndResize(Work& work);

// Any colour space, profile and depth to 8-bit sRGB. After resizing, on few pixels.
absl::Status ConvertToSrgb(Work& work);

// Lays the picture over the background.
absl::Status Flatten(Work& work);

// Applies the EXIF orientation.
absl::Status Upright(Work& work);

// Grows sides under kMinPreparedSidePx with the background, and notes the way back.
absl::Status Pad(Work& work);

// Names the pixels.
absl::Status Digest(Work& work);

// Writes the file and predicts what it will cost in prompt tokens.
absl::Status Encode(Work& work);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_STEPS_STEPS_H_
