// SPDX-License-Identifier: Apache-2.0
//
// Where the time of one picture went.
//
// Every picture: sniff, header, limits, plan; then decode and resize, and color if it was decoded
// to RGB, or else decode_resize, color and flatten; then upright, pad, encode, digest. Decoding and
// resizing alternate every few rows and are summed up; they are one stage where libvips evaluates
// both in one pass, because no clock can tell them apart.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_STAGE_TIMES_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_STAGE_TIMES_H_

#include <array>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace tessera::preprocess {

namespace stage {
inline constexpr std::string_view kSniff = "sniff";
inline constexpr std::string_view kHeader = "header";
inline constexpr std::string_view kLimits = "limits";
inline constexpr std::string_view kPlan = "plan";
inline constexpr std::string_view kDecode = "decode";
inline constexpr std::string_view kResize = "resize";
inline constexpr std::string_view kDecodeResize = "decode_resize";
inline constexpr std::string_view kColor = "color";
inline constexpr std::string_view kFlatten = "flatten";
inline constexpr std::string_view kUpright = "upright";
inline constexpr std::string_view kPad = "pad";
inline constexpr std::string_view kEncode = "encode";
inline constexpr std::string_view kDigest = "digest";
}  // namespace stage

// Every stage name there is, in the order of the work; for creating metrics up front.
inline constexpr std::array<std::string_view, 13> kStageNames = {
    stage::kSniff,  stage::kHeader,       stage::kLimits, stage::kPlan,    stage::kDecode,
    stage::kResize, stage::kDecodeResize, stage::kColor,  stage::kFlatten, stage::kUpright,
    stage::kPad,    stage::kEncode,       stage::kDigest};

struct StageTime {
  std::string_view name;  // One of kStageNames.
  absl::Duration duration;
};

// In the order in which the stages ran; a stage that does not apply to the path is absent.
using StageTimes = std::vector<StageTime>;

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_STAGE_TIMES_H_
