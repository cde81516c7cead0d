// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/context_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/status/error.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;

// Texts are predicted at four bytes a token. No ordinary text has a quarter of that, and a request
// that might fit is not refused.
constexpr uint32_t kCautiousTextShare = 4;
// Ollama's own engine (before 0.30) panics below, and above.
constexpr uint32_t kShortestSidePx = 32;
constexpr uint32_t kMostExtremeAspect = 200;

bool IsQwen(const ModelFacts* model) {
  return model != nullptr && model->family.starts_with("qwen");
}

absl::Status CheckSides(const ChatJob& job) {
  for (size_t i = 0; i < job.pictures.size(); ++i) {
    const auto [shorter, longer] = std::minmax(job.pictures[i].width_px, job.pictures[i].height_px);
    // Zero: nobody said.
    if (shorter == 0 || (shorter >= kShortestSidePx && longer <= shorter * kMostExtremeAspect)) {
      continue;
    }
    return MakeError(StatusCode::kInvalidArgument, "IMAGE_ASPECT_EXTREME",
                     fmt::format("the picture {} is {} x {} px; this engine takes sides of at "
                                 "least {} px and aspect ratios up to {}",
                                 i, job.pictures[i].width_px, job.pictures[i].height_px,
                                 kShortestSidePx, kMostExtremeAspect),
                     {.metadata = {{"image", std::to_string(i)},
                                   {"widthPx", std::to_string(job.pictures[i].width_px)},
                                   {"heightPx", std::to_string(job.pictures[i].height_px)}}});
  }
  return absl::OkStatus();
}

}  // namespace

uint32_t PictureTokens(const ChatJob& job, const EngineSnapshot& engine, const ModelFacts* model) {
  // The prediction is for Qwen's vision models only.
  if (!IsQwen(model)) return 0;
  uint64_t tokens = 0;
  for (const JobPicture& picture : job.pictures) {
    tokens += engine.RunsLlamaServer() ? picture.tokens_current : picture.tokens_legacy;
  }
  return static_cast<uint32_t>(std::min<uint64_t>(tokens, UINT32_MAX));
}

uint32_t ContextTokens(const ChatJob& job, const EngineSnapshot& engine) {
  if (job.context_tokens > 0) return job.context_tokens;
  const LoadedModel* loaded = engine.FindLoaded(job.model);
  return loaded == nullptr ? 0 : loaded->context_tokens;
}

absl::Status CheckBeforeSending(const ChatJob& job, const EngineSnapshot& engine,
                                const ModelFacts* model) {
  if (job.pictures.empty() || !IsQwen(model)) return absl::OkStatus();
  if (!engine.RunsLlamaServer()) {
    if (absl::Status sides = CheckSides(job); !sides.ok()) return sides;
  }
  const uint32_t available = ContextTokens(job, engine);
  const uint32_t pictures = PictureTokens(job, engine, model);
  if (available == 0 || uint64_t{pictures} + job.text_tokens / kCautiousTextShare <= available) {
    return absl::OkStatus();
  }
  const uint64_t needed = uint64_t{pictures} + job.text_tokens;
  return MakeError(StatusCode::kInvalidArgument, "CONTEXT_OVERFLOW",
                   fmt::format("the request needs about {} tokens, {} of them for {} pictures; the "
                               "model's context has {}",
                               needed, pictures, job.pictures.size(), available),
                   {.metadata = {{"neededTokens", std::to_string(needed)},
                                 {"availableTokens", std::to_string(available)},
                                 {"pictureTokens", std::to_string(pictures)}}});
}

absl::Status CheckPicturesWereRead(const ChatJob& job, const EngineSnapshot& engine,
                                   const ModelFacts* model, uint32_t read_tokens) {
  const uint32_t needed = PictureTokens(job, engine, model);
  if (read_tokens == 0 || read_tokens >= needed) return absl::OkStatus();
  return MakeError(
      StatusCode::kInvalidArgument, "CONTEXT_OVERFLOW",
      fmt::format(
          "the pictures take {} tokens but the engine read a prompt of {}: they did not fit "
          "the model's context, and the answer was made without them",
          needed, read_tokens),
      {.metadata = {{"neededTokens", std::to_string(needed)},
                    {"readTokens", std::to_string(read_tokens)}}});
}

}  // namespace tessera::inference
