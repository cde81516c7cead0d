// SPDX-License-Identifier: Apache-2.0
//
// Files that go wrong, each in a known way.
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_DAMAGE_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_DAMAGE_H_

#include <cstdint>
#include <string>

namespace tessera::testing {

// The first `share` (0 to 1) of the file.
std::string Truncate(const std::string& file, double share);

// `count` bytes replaced at random, none of them among the first `keep`.
std::string FlipBytes(std::string file, int count, uint64_t seed, size_t keep = 0);

// A well-formed PNG header that claims any size, with a few bytes of pixels behind it.
std::string ClaimedPng(uint32_t width_px, uint32_t height_px);

// A complete 1-bit white PNG: 20,000 x 20,000 px are about 50 KB.
std::string FlatPng(uint32_t width_px, uint32_t height_px);

// A GIF whose screen is 160 x 120 and whose only frame claims to be `width_px` x `height_px`.
std::string GifFrameOutgrowsScreen(uint16_t width_px, uint16_t height_px);

// `jpeg` with other sides in its frame header.
std::string ClaimedJpeg(std::string jpeg, uint16_t width_px, uint16_t height_px);

// `avif` with other sides in every place that states them.
std::string ClaimedAvif(std::string avif, uint32_t width_px, uint32_t height_px);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_DAMAGE_H_
