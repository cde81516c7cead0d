// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/ollama_model_memory.h"

#include <memory>
#include <utility>

#include "services/inference/engine/chat_request_body.h"
#include "services/inference/engine/engine_errors.h"

namespace tessera::inference {
namespace {

// All that is wanted of the answer is whether it is one.
constexpr size_t kMaxReplyBytes = 64 << 10;

class MemorySink : public HttpResponseSink {
 public:
  explicit MemorySink(ModelMemory::Done done) : done_(std::move(done)) {}

  void OnHead(const HttpHead& head) override { http_status_ = head.status; }
  absl::Status OnData(std::string_view bytes) override {
    if (body_.size() < kMaxReplyBytes) body_ += bytes;
    return absl::OkStatus();
  }
  void OnDone(const absl::Status& status, const HttpStats&) override {
    if (!status.ok()) return done_(StatusFromTransport(status, http_status_ != 0));
    done_(http_status_ == 200 ? absl::OkStatus() : StatusFromHttpReply(http_status_, body_));
  }

 private:
  const ModelMemory::Done done_;
  int http_status_ = 0;
  std::string body_;
};

}  // namespace

void OllamaModelMemory::Load(const std::string& model, const RuntimeOptions& options, bool embeds,
                             absl::Duration keep_alive, absl::Duration timeout, Done done) {
  Post(model, options, embeds, keep_alive, timeout, std::move(done));
}

void OllamaModelMemory::Unload(const std::string& model, bool embeds, absl::Duration timeout,
                               Done done) {
  Post(model, {}, embeds, absl::ZeroDuration(), timeout, std::move(done));
}

void OllamaModelMemory::Post(const std::string& model, const RuntimeOptions& options, bool embeds,
                             absl::Duration keep_alive, absl::Duration timeout, Done done) {
  HttpRequest request{.method = "POST",
                      .url = url_ + (embeds ? "/api/embed" : "/api/generate"),
                      .headers = {{"Content-Type", "application/json"}},
                      .body = embeds ? MakeEmbedRequestBody({.model = model,
                                                             .texts = {},
                                                             .dimensions = {},
                                                             .runtime = options,
                                                             .keep_alive = keep_alive,
                                                             .encoded = nullptr})
                                     : MakeLoadRequestBody(model, options, keep_alive)};
  request.limits.first_byte = request.limits.total = timeout;
  http_.Start(std::move(request), std::make_shared<MemorySink>(std::move(done)));
}

}  // namespace tessera::inference
