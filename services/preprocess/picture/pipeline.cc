// SPDX-License-Identifier: Apache-2.0
//
// What happens to a picture, in order. To add a step: one function in steps/, one line here, one
// test.
#include "services/preprocess/picture/pipeline.h"

#include <span>
#include <string_view>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status/status_macros.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/stage_times.h"
#include "services/preprocess/picture/steps/steps.h"
#include "services/preprocess/picture/truncation.h"

namespace tessera::preprocess {
namespace {

struct Step {
  std::string_view stage;
  absl::Status (*run)(Work&);
};

constexpr Step kHeaderSteps[] = {
    {stage::kSniff, Sniff},
    {stage::kHeader, ReadHeader},
    {stage::kLimits, CheckLimits},
};

constexpr Step kPlanSteps[] = {
    {stage::kPlan, Plan},
};

// JPEG and lossy WebP in sRGB, which is nearly all of them ...
constexpr Step kPlaneSteps[] = {
    {stage::kDecode, DecodePlanes},
};

// ... other pictures of 8-bit samples ...
constexpr Step kRowSteps[] = {
    {stage::kDecode, DecodeRows},
    {stage::kColor, ConvertRowsToSrgb},
};

// ... and everything else.
constexpr Step kVipsSteps[] = {
    {stage::kDecodeResize, DecodeAndResize},
    {stage::kColor, ConvertToSrgb},
    {stage::kFlatten, Flatten},
};

constexpr Step kFinishingSteps[] = {
    {stage::kUpright, Upright},
    {stage::kPad, Pad},
    {stage::kEncode, Encode},
    {stage::kDigest, Digest},
};

// What a decoder's refusal means, told from the stage and the file itself: libvips' own words are
// shared by all threads and may belong to another request.
absl::Status Classify(std::string_view failed_stage, const Work& work) {
  const SourceInfo& source = work.result.source;
  if (failed_stage == stage::kEncode) return EncodeFailedError();
  if (LooksTruncated(source.format, work.file)) {
    return TruncatedError(source.format, work.file.size());
  }
  return failed_stage == stage::kHeader ? HeaderCorruptError(source.format)
                                        : CorruptError(source.format);
}

absl::Status RunStep(const Step& step, Work& work) {
  const absl::Time start = absl::Now();
  absl::Status status;
  // The one place where libvips' exceptions end.
  try {
    status = step.run(work);
  } catch (const vips::VError&) {
    vips_error_clear();
    status = Classify(step.stage, work);
  }
  absl::Duration own_time = absl::Now() - start;
  for (const StageTime& inner : work.inner_times) own_time -= inner.duration;
  StageTimes& times = work.result.stage_times;
  times.push_back({step.stage, own_time});
  times.insert(times.end(), work.inner_times.begin(), work.inner_times.end());
  work.inner_times.clear();
  return status;
}

absl::Status RunSteps(std::span<const Step> steps, Work& work) {
  for (const Step& step : steps) {
    TESSERA_RETURN_IF_ERROR(work.cancelled());
    TESSERA_RETURN_IF_ERROR(RunStep(step, work));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunHeaderSteps(Work& work) { return RunSteps(kHeaderSteps, work); }

absl::Status RunAllSteps(Work& work) {
  TESSERA_RETURN_IF_ERROR(RunSteps(kHeaderSteps, work));
  TESSERA_RETURN_IF_ERROR(RunSteps(kPlanSteps, work));
  if (work.planes != nullptr) {
    TESSERA_RETURN_IF_ERROR(RunSteps(kPlaneSteps, work));
  } else if (work.rows != nullptr) {
    TESSERA_RETURN_IF_ERROR(RunSteps(kRowSteps, work));
  } else {
    TESSERA_RETURN_IF_ERROR(RunSteps(kVipsSteps, work));
  }
  return RunSteps(kFinishingSteps, work);
}

}  // namespace tessera::preprocess
