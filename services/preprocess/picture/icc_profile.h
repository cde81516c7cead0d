// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_ICC_PROFILE_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_ICC_PROFILE_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "services/preprocess/picture/source_info.h"

namespace tessera::preprocess {

// Profiles of presses with several rendering intents have about two megabytes.
inline constexpr size_t kMaxProfileBytes = 4 << 20;

// The colour space an ICC profile describes; nothing when it is no profile or describes a space
// that pictures do not come in.
std::optional<ColorSpace> IccColorSpace(std::string_view profile);

// Whether the profile is sRGB, judged by what it does and not by its name: its primaries and white
// are sRGB's within 0.002, and its three curves within half an 8-bit step. Converting
// such a picture would change nothing. Profiles with look-up tables are never sRGB here.
bool IsSrgbProfile(std::string_view profile);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_ICC_PROFILE_H_
