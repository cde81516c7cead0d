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

// The parts of it that know JPEG, PNG and still WebP, which need no libvips.
absl::Status ReadHeaderOfJpeg(Work& work);
absl::Status ReadHeaderOfPng(Work& work);
absl::Status ReadHeaderOfWebp(Work& work);

// The part of it that asks, of TIFF, AVIF and HEIC, what their decoders would be made to believe.
absl::Status CheckClaims(const Work& work);

// Refuses what would cost too much or crash an engine, on what the decoder reported.
absl::Status CheckLimits(Work& work);

// Decides the sides of the result, how far the decoder itself may shrink, and which path to take.
absl::Status Plan(Work& work);

// The path of JPEG and lossy WebP that become JPEG: decodes to planes, at a reduced scale where
// the format can and there is room, and resamples them row by row. YCbCr all the way to the
// encoder.
absl::Status DecodePlanes(Work& work);

// The path of all other pictures of 8-bit samples: decodes row by row, lays what is transparent
// over the background, and resamples.
absl::Status DecodeRows(Work& work);

// What comes of that, gray, RGB or inks, as sRGB.
absl::Status ConvertRowsToSrgb(Work& work);

// The path of the rest (16 bits and more, transparency under a colour profile): libvips decodes
// and resamples, premultiplied where there is alpha, so that hidden colours do not bleed.
absl::Status DecodeAndResize(Work& work);

// Any colour space, profile and depth to 8-bit sRGB. After resizing, on few pixels.
absl::Status ConvertToSrgb(Work& work);

// Lays the picture over the background.
absl::Status Flatten(Work& work);

// Applies the EXIF orientation.
absl::Status Upright(Work& work);

// Lays the picture on its canvas, which the background fills, and notes the way back.
absl::Status Pad(Work& work);

// Writes the file, or keeps the pixels where a tensor is wanted, and predicts what it will cost in
// prompt tokens.
absl::Status Encode(Work& work);

// Names what was written.
absl::Status Digest(Work& work);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_STEPS_STEPS_H_
