// SPDX-License-Identifier: Apache-2.0
//
// Pictures whose kind is known, because they were drawn here.
#ifndef TESSERA_CLI_BENCH_PICTURES_SCENES_H_
#define TESSERA_CLI_BENCH_PICTURES_SCENES_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/bench/pictures/canvas.h"

namespace tessera::bench {

inline constexpr std::array<std::string_view, 4> kKinds = {"document", "photo", "chart", "shape"};

// One of kKinds; another `seed` moves and colours it otherwise. Documents are upright, the others
// lie on their longer side.
Canvas DrawScene(std::string_view kind, int longest_side_px, uint64_t seed);

enum class FileFormat { kJpeg, kPng, kWebp, kTiff };
inline constexpr std::array<FileFormat, 4> kFormats = {FileFormat::kJpeg, FileFormat::kPng,
                                                       FileFormat::kWebp, FileFormat::kTiff};
// "JPEG", "PNG", "WEBP", "TIFF".
std::string_view FormatName(FileFormat format);

// The canvas as a file: JPEG and WebP at quality 90, PNG and TIFF as they are.
std::string EncodePicture(const Canvas& canvas, FileFormat format);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_PICTURES_SCENES_H_
