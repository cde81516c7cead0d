// SPDX-License-Identifier: Apache-2.0
//
// Whether the pictures of a job fit the model's context: asked before the engine sees them, because
// some engines drop what does not fit or crash on it, and once more of what the engine has read.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_CONTEXT_CHECK_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_CONTEXT_CHECK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/scheduling/chat_job.h"

namespace tessera::inference {

// Prompt tokens of the job's pictures on this engine; 0 where nothing is known of the model's way
// to count them.
uint32_t PictureTokens(const ChatJob& job, const EngineSnapshot& engine, const ModelFacts* model);

// The context that the job will have on this engine, tokens; 0 when that is not known.
uint32_t ContextTokens(const ChatJob& job, const EngineSnapshot& engine);

// INVALID_ARGUMENT: reason CONTEXT_OVERFLOW, saying needed and available, when the pictures and a
// cautious estimate of the texts do not fit; IMAGE_ASPECT_EXTREME for a side or an aspect ratio
// that crashes the model's runner. Texts alone always pass: the engine cuts them or says so.
absl::Status CheckBeforeSending(const ChatJob& job, const EngineSnapshot& engine,
                                const ModelFacts* model);

// CONTEXT_OVERFLOW when the engine's count of prompt tokens shows that it has dropped a picture.
absl::Status CheckPicturesWereRead(const ChatJob& job, const EngineSnapshot& engine,
                                   const ModelFacts* model, uint32_t read_tokens);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_CONTEXT_CHECK_H_
