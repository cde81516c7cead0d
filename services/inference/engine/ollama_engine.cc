// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/ollama_engine.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "services/inference/engine/chat_reply.h"
#include "services/inference/engine/chat_request_body.h"
#include "services/inference/engine/engine_errors.h"
#include "services/inference/engine/line_splitter.h"

namespace tessera::inference {
namespace {

// An error reply is small; more of it would not help anybody.
constexpr size_t kMaxErrorBodyBytes = 64 << 10;

// Turns one HTTP answer into pieces. Lives on the client's I/O thread.
class ChatSink : public HttpResponseSink {
 public:
  ChatSink(std::shared_ptr<ChatObserver> observer, size_t max_line_bytes)
      : observer_(std::move(observer)), lines_(max_line_bytes) {}

  void OnHead(const HttpHead& head) override { http_status_ = head.status; }

  absl::Status OnData(std::string_view bytes) override {
    if (http_status_ != 200) {
      error_body_ +=
          bytes.substr(0, kMaxErrorBodyBytes - std::min(error_body_.size(), kMaxErrorBodyBytes));
      return absl::OkStatus();
    }
    own_error_ = lines_.Feed(bytes, [this](std::string_view line) { return OnLine(line); });
    return own_error_;
  }

  void OnDone(const absl::Status& status, const HttpStats&) override {
    observer_->OnEnd(Outcome(status));
  }

 private:
  absl::Status OnLine(std::string_view line) {
    // Lines after the closing one are of no interest to anybody.
    if (outcome_) return absl::OkStatus();
    TESSERA_ASSIGN_OR_RETURN(const ChatReply reply, reader_.Read(line));
    if (!reply.text.empty() || !reply.logprobs.empty() || !reply.thinking.empty() ||
        !reply.tool_calls.empty()) {
      TESSERA_RETURN_IF_ERROR(observer_->OnPiece({.text = reply.text,
                                                  .logprobs = reply.logprobs,
                                                  .thinking = reply.thinking,
                                                  .tool_calls = reply.tool_calls,
                                                  .embeddings = {}}));
    }
    if (reply.done) outcome_ = reply.outcome;
    return absl::OkStatus();
  }

  absl::StatusOr<ChatOutcome> Outcome(const absl::Status& transport) {
    if (!own_error_.ok()) return own_error_;
    // A connection that breaks after the closing line has lost nothing.
    if (outcome_) return *outcome_;
    if (!transport.ok()) return StatusFromTransport(transport, http_status_ != 0);
    if (http_status_ != 200) return StatusFromHttpReply(http_status_, error_body_);
    TESSERA_RETURN_IF_ERROR(lines_.Finish([this](std::string_view line) { return OnLine(line); }));
    if (outcome_) return *outcome_;
    return StreamEndedEarly();
  }

  const std::shared_ptr<ChatObserver> observer_;
  LineSplitter lines_;
  ChatReplyReader reader_;
  int http_status_ = 0;
  std::string error_body_;
  absl::Status own_error_;
  std::optional<ChatOutcome> outcome_;
};

// Gathers the one document that answers an embedding.
class EmbedSink : public HttpResponseSink {
 public:
  explicit EmbedSink(std::shared_ptr<ChatObserver> observer) : observer_(std::move(observer)) {}

  void OnHead(const HttpHead& head) override { http_status_ = head.status; }

  absl::Status OnData(std::string_view bytes) override {
    body_ += http_status_ == 200
                 ? bytes
                 : bytes.substr(0, kMaxErrorBodyBytes - std::min(body_.size(), kMaxErrorBodyBytes));
    return absl::OkStatus();
  }

  void OnDone(const absl::Status& status, const HttpStats&) override {
    observer_->OnEnd(Outcome(status));
  }

 private:
  absl::StatusOr<ChatOutcome> Outcome(const absl::Status& transport) {
    if (!transport.ok()) return StatusFromTransport(transport, http_status_ != 0);
    if (http_status_ != 200) return StatusFromHttpReply(http_status_, body_);
    TESSERA_ASSIGN_OR_RETURN(const EmbedReply reply, ReadEmbedReply(body_));
    ChatPiece piece;
    piece.embeddings = reply.embeddings;
    TESSERA_RETURN_IF_ERROR(observer_->OnPiece(piece));
    return reply.outcome;
  }

  const std::shared_ptr<ChatObserver> observer_;
  int http_status_ = 0;
  std::string body_;
};

class OllamaChat : public ChatHandle {
 public:
  explicit OllamaChat(std::shared_ptr<HttpCall> call) : call_(std::move(call)) {}
  void Cancel() override { call_->Cancel(); }

 private:
  const std::shared_ptr<HttpCall> call_;
};

}  // namespace

OllamaEngine::OllamaEngine(HttpClient& http, OllamaOptions options)
    : http_(http), options_(std::move(options)) {}

std::shared_ptr<ChatHandle> OllamaEngine::Chat(const ChatRequest& request,
                                               std::shared_ptr<ChatObserver> observer) {
  if (request.encoded == nullptr) {
    request.encoded = std::make_shared<const std::string>(MakeChatRequestBody(request));
  }
  return Post("/api/chat", request.encoded, request.deadline,
              std::make_shared<ChatSink>(std::move(observer), options_.max_line_bytes));
}

std::shared_ptr<ChatHandle> OllamaEngine::Embed(const EmbedRequest& request,
                                                std::shared_ptr<ChatObserver> observer) {
  if (request.encoded == nullptr) {
    request.encoded = std::make_shared<const std::string>(MakeEmbedRequestBody(request));
  }
  return Post("/api/embed", request.encoded, request.deadline,
              std::make_shared<EmbedSink>(std::move(observer)));
}

std::shared_ptr<ChatHandle> OllamaEngine::Post(const char* path,
                                               std::shared_ptr<const std::string> body,
                                               absl::Time deadline,
                                               std::shared_ptr<HttpResponseSink> sink) {
  // At least a millisecond, so that a deadline that has just passed is reported as such.
  const absl::Duration left = std::max(deadline - absl::Now(), absl::Milliseconds(1));
  HttpRequest http_request{.method = "POST",
                           .url = options_.url + path,
                           .headers = {{"Content-Type", "application/json"}},
                           .shared_body = std::move(body),
                           .limits = {.connect = std::min(options_.connect_timeout, left),
                                      .first_byte = std::min(options_.first_token_timeout, left),
                                      .idle = std::min(options_.idle_timeout, left),
                                      .total = left,
                                      .max_response_bytes = options_.max_reply_bytes}};
  return std::make_shared<OllamaChat>(http_.Start(std::move(http_request), std::move(sink)));
}

}  // namespace tessera::inference
