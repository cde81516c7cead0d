// SPDX-License-Identifier: Apache-2.0
#include "services/inference/sampling_check.h"

#include <fmt/format.h>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::inference {
namespace {

constexpr uint32_t kMaxOutputTokens = 65536;
constexpr uint32_t kMaxTokenCount = 1'048'576;
constexpr int kMaxStops = 16;
constexpr size_t kMaxStopBytes = 256;

enum class Low { kIncluded, kExcluded };

absl::Status OutOfRange(const char* field, const char* range) {
  return InvalidField(fmt::format("sampling.{}", field), fmt::format("must be in {}", range));
}

// Takes a value over where there is one, if it is in range; NaN is in none.
template <typename Given, typename Taken>
absl::Status Take(const char* field, const char* range, bool has, Given value, Given low,
                  Given high, std::optional<Taken>& taken, Low bound = Low::kIncluded) {
  if (!has) return absl::OkStatus();
  const bool within = value >= low && value <= high && (bound == Low::kIncluded || value > low);
  if (!within) return OutOfRange(field, range);
  taken = value;
  return absl::OkStatus();
}

absl::Status TakeStops(const v1::SamplingOptions& given, ChatSampling& sampling) {
  if (given.stop_size() > kMaxStops) return InvalidField("sampling.stop", "has more than 16 texts");
  for (const std::string& stop : given.stop()) {
    if (stop.empty() || stop.size() > kMaxStopBytes) {
      return InvalidField("sampling.stop", "must hold texts of 1 to 256 bytes");
    }
    sampling.stop.emplace_back(stop);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ChatSampling> CheckSampling(const v1::SamplingOptions& given,
                                           uint32_t default_max_output_tokens) {
  ChatSampling sampling;
  TESSERA_RETURN_IF_ERROR(Take("max_output_tokens", "[1, 65536]", given.has_max_output_tokens(),
                               given.max_output_tokens(), 1U, kMaxOutputTokens,
                               sampling.max_output_tokens));
  TESSERA_RETURN_IF_ERROR(Take("temperature", "[0, 2]", given.has_temperature(),
                               given.temperature(), 0.F, 2.F, sampling.temperature));
  TESSERA_RETURN_IF_ERROR(
      Take("top_k", "[1, 100000]", given.has_top_k(), given.top_k(), 1U, 100'000U, sampling.top_k));
  TESSERA_RETURN_IF_ERROR(Take("top_p", "(0, 1]", given.has_top_p(), given.top_p(), 0.F, 1.F,
                               sampling.top_p, Low::kExcluded));
  TESSERA_RETURN_IF_ERROR(
      Take("min_p", "[0, 1]", given.has_min_p(), given.min_p(), 0.F, 1.F, sampling.min_p));
  TESSERA_RETURN_IF_ERROR(Take("repeat_penalty", "(0, 2]", given.has_repeat_penalty(),
                               given.repeat_penalty(), 0.F, 2.F, sampling.repeat_penalty,
                               Low::kExcluded));
  TESSERA_RETURN_IF_ERROR(Take("seed", "[0, 2147483647]", given.has_seed(), given.seed(), 0U,
                               2'147'483'647U, sampling.seed));
  TESSERA_RETURN_IF_ERROR(TakeStops(given, sampling));
  TESSERA_RETURN_IF_ERROR(Take("typical_p", "(0, 1]", given.has_typical_p(), given.typical_p(), 0.F,
                               1.F, sampling.typical_p, Low::kExcluded));
  TESSERA_RETURN_IF_ERROR(Take("repeat_last_n", "[0, 1048576]", given.has_repeat_last_n(),
                               given.repeat_last_n(), 0U, kMaxTokenCount, sampling.repeat_last_n));
  TESSERA_RETURN_IF_ERROR(Take("presence_penalty", "[-2, 2]", given.has_presence_penalty(),
                               given.presence_penalty(), -2.F, 2.F, sampling.presence_penalty));
  TESSERA_RETURN_IF_ERROR(Take("frequency_penalty", "[-2, 2]", given.has_frequency_penalty(),
                               given.frequency_penalty(), -2.F, 2.F, sampling.frequency_penalty));
  TESSERA_RETURN_IF_ERROR(Take("num_keep", "[0, 1048576]", given.has_num_keep(), given.num_keep(),
                               0U, kMaxTokenCount, sampling.num_keep));
  // Always sent: without it the engine may go on until ten times its context.
  if (!sampling.max_output_tokens) sampling.max_output_tokens = default_max_output_tokens;
  return sampling;
}

absl::StatusOr<RuntimeOptions> CheckRuntime(const v1::RuntimeOptions& given,
                                            const RuntimeOptions& profile, bool may_differ) {
  RuntimeOptions asked;
  if (given.has_num_ctx()) asked.num_ctx = given.num_ctx();
  if (given.has_num_batch()) asked.num_batch = given.num_batch();
  if (given.has_num_gpu()) asked.num_gpu = given.num_gpu();
  if (given.has_main_gpu()) asked.main_gpu = given.main_gpu();
  if (given.has_use_mmap()) asked.use_mmap = given.use_mmap();
  if (given.has_num_thread()) asked.num_thread = given.num_thread();
  TESSERA_RETURN_IF_ERROR(CheckRuntimeOptions("runtime", asked));
  const RuntimeOptions merged = Merge(asked, profile);
  if (merged != profile && !may_differ) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "RUNTIME_OPTIONS_FIXED",
                     "runtime differs from the model's profile, which would make the engine load "
                     "the model again for everybody; leave it out, or ask the operator for "
                     "--allow-runtime-options",
                     {.metadata = {{"field", "runtime"}}});
  }
  return merged;
}

}  // namespace tessera::inference
