// SPDX-License-Identifier: Apache-2.0
//
// One line of Ollama's answer to /api/chat, read; and the whole of the answer to /api/embed.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_CHAT_REPLY_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_CHAT_REPLY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/inference/engine/model_engine.h"

namespace tessera::inference {

struct ChatReply {
  std::string_view text;
  std::string_view thinking;
  std::vector<ChatToolCall> tool_calls;
  std::vector<TokenLogprob> logprobs;
  bool done = false;
  ChatOutcome outcome;  // Meaningful when done.
};

// Reads lines one after another, reusing its memory. Not thread-safe.
class ChatReplyReader {
 public:
  ChatReplyReader();
  ~ChatReplyReader();

  // The reply's views are valid until the next Read. An {"error": ...} line becomes the status
  // that StatusFromEngineError makes of it; a line that is not a JSON object, or has a field of
  // the wrong type, is INTERNAL, reason ENGINE_REPLY_INVALID.
  absl::StatusOr<ChatReply> Read(std::string_view line);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

struct EmbedReply {
  std::vector<std::vector<float>> embeddings;
  ChatOutcome outcome;
};

// Reads the whole reply to /api/embed. Errors as above.
absl::StatusOr<EmbedReply> ReadEmbedReply(std::string_view json);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_CHAT_REPLY_H_
