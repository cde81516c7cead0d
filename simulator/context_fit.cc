// SPDX-License-Identifier: Apache-2.0
#include "simulator/context_fit.h"

#include <algorithm>

#include "simulator/error_texts.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

// The old engine's picture code panics on these.
bool PanicsOldEngine(const ReceivedPicture& picture) {
  const int longer = std::max(picture.width_px, picture.height_px);
  const int shorter = std::min(picture.width_px, picture.height_px);
  return shorter < 32 || longer > 200 * shorter;
}

ContextFit Refuse(int status, std::string_view error) {
  ContextFit fit;
  fit.status = status;
  fit.error = std::string(error);
  return fit;
}

ContextFit RefuseOverflow(int prompt_tokens, int num_ctx) {
  return Refuse(400, Concat(R"({"error":{"code":400,"message":"request ()", prompt_tokens,
                            " tokens) exceeds the available context size (", num_ctx,
                            R"( tokens), try increasing it","type":"exceed_context_size_error",)",
                            R"("n_prompt_tokens":)", prompt_tokens, R"(,"n_ctx":)", num_ctx, "}}"));
}

}  // namespace

ContextFit FitContext(const GenerationRequest& request, const StoredModel& model,
                      EngineGeneration generation, int num_ctx) {
  const bool legacy = generation == EngineGeneration::kLegacy;
  if (!request.pictures.empty() && !model.spec.Can("vision")) {
    const bool native_chat = request.is_chat && model.spec.renderer.empty();
    return native_chat ? Refuse(500, kNoImageInputJson) : Refuse(400, kNoMultimodalJson);
  }
  int picture_tokens = 0;
  for (const RequestPicture& picture : request.pictures) {
    if (!picture.loadable) {
      return Refuse(400, kBadImageJson);
    }
    if (legacy && PanicsOldEngine(picture.received)) {
      ContextFit fit = Refuse(500, kRunnerStoppedText);
      fit.kills_runner = true;
      return fit;
    }
    // The old engine leaves out, without a word, the pictures that do not fit.
    if (!legacy || request.words + picture_tokens + picture.received.prompt_tokens < num_ctx) {
      picture_tokens += picture.received.prompt_tokens;
    }
  }
  ContextFit fit;
  fit.prompt_tokens = std::max(1, request.words + picture_tokens);
  if (fit.prompt_tokens < num_ctx) {
    return fit;
  }
  if (!request.truncate.value_or(true) || picture_tokens > 0) {
    return RefuseOverflow(fit.prompt_tokens, num_ctx);
  }
  if (request.is_chat && request.message_count > 1) {
    // Older messages go first; the last one always stays.
    fit.prompt_tokens = std::max(1, CountWords(request.prompt));
    if (fit.prompt_tokens < num_ctx) {
      return fit;
    }
  }
  if (!request.shift.value_or(true)) {
    return Refuse(400, kPromptTooLongText);
  }
  fit.prompt_tokens = num_ctx / 2;
  return fit;
}

void LimitAnswer(const GenerationRequest& request, const StoredModel& model, int num_ctx,
                 int prompt_tokens, Answer* answer) {
  const bool native_chat = request.is_chat && model.spec.renderer.empty();
  int most = 10 * num_ctx;
  if (request.num_predict > 0) {
    most = std::min(most, request.num_predict);
  } else if (request.num_predict == 0) {
    answer->endless = !native_chat;
    most = native_chat ? 0 : most;
  }
  most = std::min(most, std::max(0, num_ctx - prompt_tokens));
  if (answer->endless) {
    return;
  }
  int tokens = 0;
  for (size_t i = 0; i < answer->pieces.size(); ++i) {
    tokens += answer->pieces[i].tokens;
    if (tokens > most) {
      answer->pieces.resize(i);
      answer->done_reason = "length";
      // A call that was not finished is no call.
      answer->tool_calls.clear();
      return;
    }
  }
}

}  // namespace tessera::simulator
