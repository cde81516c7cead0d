// SPDX-License-Identifier: Apache-2.0
//
// What the service needs of a model server: start a chat, hear its answer in pieces, stop it.
// No gRPC, no HTTP and no JSON in this header.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_MODEL_ENGINE_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_MODEL_ENGINE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/inference/engine/runtime_options.h"

namespace tessera::inference {

enum class ChatRole { kSystem, kUser, kAssistant, kTool };

// A tool that the model called.
struct ChatToolCall {
  std::string_view name;
  std::string_view arguments_json;  // An object.
  std::string_view id;              // May be empty.
};

struct ChatMessage {
  ChatRole role = ChatRole::kUser;
  std::string_view text;                 // UTF-8.
  std::vector<std::string_view> images;  // Encoded pictures (JPEG or PNG).
  std::string_view thinking;             // kAssistant: what it thought.
  std::vector<ChatToolCall> tool_calls;  // kAssistant: what it called.
  std::string_view tool_name;            // kTool: whose result `text` is.
};

// A tool that the model may call.
struct ChatTool {
  std::string_view name;
  std::string_view description;
  std::string parameters_json;  // JSON schema of an object.
};

// Unset: the model's own default.
struct ChatSampling {
  std::optional<uint32_t> max_output_tokens;
  std::optional<double> temperature;
  std::optional<uint32_t> top_k;
  std::optional<double> top_p;
  std::optional<double> min_p;
  std::optional<double> repeat_penalty;
  std::optional<uint32_t> seed;
  std::vector<std::string_view> stop;
  std::optional<double> typical_p;
  std::optional<uint32_t> repeat_last_n;
  std::optional<double> presence_penalty;
  std::optional<double> frequency_penalty;
  std::optional<uint32_t> num_keep;
};

// Whether to think first; the degrees are for models that know them.
enum class ChatThinking { kModelsDefault, kOff, kOn, kLow, kMedium, kHigh };

// All views must stay valid until Chat returns, no longer.
struct ChatRequest {
  std::string_view model;
  std::vector<ChatMessage> messages;
  ChatSampling sampling;
  std::string
      format_json;  // What the answer must be: "json" in quotes, or a JSON schema. Or empty.
  std::vector<ChatTool> tools;
  ChatThinking thinking = ChatThinking::kModelsDefault;
  bool logprobs = false;      // Ask for the probability of each token.
  uint32_t top_logprobs = 0;  // And for those of so many alternatives.
  RuntimeOptions runtime;     // Another value than before makes the engine load the model again.
  absl::Duration keep_alive;  // How long the model stays loaded afterwards.
  absl::Time deadline = absl::InfiniteFuture();
  // What the engine made of the above when it was first asked, for another try to send the same
  // bytes, to whichever engine. Filled in by the engine; a request is not sent twice at once.
  mutable std::shared_ptr<const std::string> encoded;
};

// Texts to turn into vectors. Views as in ChatRequest.
struct EmbedRequest {
  std::string_view model;
  std::vector<std::string_view> texts;
  std::optional<uint32_t> dimensions;
  bool truncate = false;
  RuntimeOptions runtime;
  absl::Duration keep_alive;
  absl::Time deadline = absl::InfiniteFuture();
  mutable std::shared_ptr<const std::string> encoded;  // As in ChatRequest.
};

struct TokenLogprob {
  std::string token;              // Bytes, not always whole characters.
  double logprob = 0;             // Natural logarithm.
  std::vector<TokenLogprob> top;  // The likeliest tokens here; empty in those.
};

// One line of the engine's answer. Views are valid during OnPiece only.
struct ChatPiece {
  std::string_view text;  // Whole UTF-8 characters; may be empty.
  std::span<const TokenLogprob> logprobs;
  std::string_view thinking;
  std::span<const ChatToolCall> tool_calls;
  std::span<const std::vector<float>> embeddings;  // Of an EmbedRequest: all of them at once.
};

enum class ChatFinish { kUnknown, kStop, kLength };

// How an answer came about, where there was a choice.
struct DispatchReport {
  uint32_t backend = 0;   // Number of the engine that answered.
  uint32_t attempts = 0;  // Tries that were needed; 0 when no engine was asked.
  absl::Duration queue_wait;
  absl::Duration predicted_wait;  // That wait as predicted when the request came.
};

// What the engine says at the end. Durations are the engine's own; zero when it did not say.
struct ChatOutcome {
  ChatFinish finish = ChatFinish::kUnknown;
  uint32_t prompt_tokens = 0;
  uint32_t output_tokens = 0;
  absl::Duration total;
  absl::Duration load;
  absl::Duration prefill;
  absl::Duration decode;
  DispatchReport dispatch;  // Filled in by the dispatcher.
};

// Hears one answer. Called on the engine's I/O thread, which serves every other answer too: must
// not block. OnEnd is called exactly once, last; the engine then drops its reference.
class ChatObserver {
 public:
  virtual ~ChatObserver() = default;
  // A non-OK status ends the chat and is what OnEnd then reports.
  virtual absl::Status OnPiece(const ChatPiece& piece) = 0;
  // Errors carry one of the reasons of engine_errors.h.
  virtual void OnEnd(absl::StatusOr<ChatOutcome> outcome) = 0;
};

// A chat under way. Dropping the handle does not end it.
class ChatHandle {
 public:
  virtual ~ChatHandle() = default;
  // Closes the engine's connection, which frees its slot. Thread-safe, idempotent, never blocks.
  virtual void Cancel() = 0;
};

// Thread-safe.
class ModelEngine {
 public:
  virtual ~ModelEngine() = default;
  // Copies what it needs out of `request` (base64 included: milliseconds for megabytes of
  // pictures; once, see ChatRequest::encoded) and returns; the answer comes to `observer`.
  virtual std::shared_ptr<ChatHandle> Chat(const ChatRequest& request,
                                           std::shared_ptr<ChatObserver> observer) = 0;
  // The vectors come in one piece.
  virtual std::shared_ptr<ChatHandle> Embed(const EmbedRequest& request,
                                            std::shared_ptr<ChatObserver> observer) = 0;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_MODEL_ENGINE_H_
