// SPDX-License-Identifier: Apache-2.0
//
// The JSON bodies of Ollama's POST /api/chat, /api/embed and /api/generate.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_CHAT_REQUEST_BODY_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_CHAT_REQUEST_BODY_H_

#include <string>
#include <string_view>

#include "services/inference/engine/model_engine.h"

namespace tessera::inference {

// Always a streaming request. The result is sized beforehand and pictures are encoded into it piece
// by piece, so that a picture is in memory once more, not twice. Texts that are not UTF-8 have the
// bad bytes replaced by U+FFFD.
std::string MakeChatRequestBody(const ChatRequest& request);

// The JSON body of POST /api/embed.
std::string MakeEmbedRequestBody(const EmbedRequest& request);

// The JSON body of POST /api/generate that loads a model, or has a loaded one kept for another
// time; unloads it with a `keep_alive` of zero.
std::string MakeLoadRequestBody(std::string_view model, const RuntimeOptions& runtime,
                                absl::Duration keep_alive);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_CHAT_REQUEST_BODY_H_
