// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/load/http_target.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "cli/bench/load/ollama_target.h"
#include "common/http/curl_http_client.h"

namespace tessera::testing {
namespace {

using nlohmann::json;

constexpr char kModel[] = "llama3.2-custom";
constexpr char kVisionModel[] = "qwen3-vl:4b";
constexpr int kMaxTokens = 4096;
// What HttpLimits would give a whole request.
constexpr absl::Duration kLongestRequest = absl::Seconds(60);

// The models that tessera-inference takes where none is named.
std::string ModelFor(const LoadQuestion& question) {
  return question.picture.empty() ? kModel : kVisionModel;
}

std::string OpenAiBody(const LoadQuestion& question) {
  json content = question.prompt;
  if (!question.picture.empty()) {
    std::string url;
    absl::Base64Escape(question.picture, &url);
    url.insert(0, "data:image/jpeg;base64,");
    content = {{{"type", "text"}, {"text", question.prompt}},
               {{"type", "image_url"}, {"image_url", {{"url", url}}}}};
  }
  return json{{"model", ModelFor(question)},
              {"stream", question.stream},
              {"messages", {{{"role", "user"}, {"content", content}}}}}
      .dump();
}

class Sink : public HttpResponseSink {
 public:
  explicit Sink(Exchange exchange) : exchange_(std::move(exchange)) {}
  void OnHead(const HttpHead& head) override { ok_ = head.status == 200; }
  absl::Status OnData(std::string_view bytes) override {
    if (exchange_.on_piece) exchange_.on_piece(bytes);
    return absl::OkStatus();
  }
  void OnDone(const absl::Status& status, const HttpStats&) override {
    exchange_.on_done(ok_ && status.ok());
  }

 private:
  const Exchange exchange_;
  bool ok_ = false;
};

class OpenAiTarget : public Target {
 public:
  OpenAiTarget(std::string url, std::string body)
      : url_(std::move(url)), body_(std::move(body)), client_(*MakeCurlHttpClient()) {}

  void Send(Exchange exchange) override {
    client_->Start({.method = "POST",
                    .url = url_,
                    .headers = {{"Content-Type", "application/json"},
                                {"Authorization", "Bearer sk-benchmark"}},
                    .body = body_},
                   std::make_shared<Sink>(std::move(exchange)));
  }

 private:
  const std::string url_;
  const std::string body_;
  const std::unique_ptr<HttpClient> client_;
};

}  // namespace

std::unique_ptr<Target> MakeHttpTarget(const std::string& url, HttpDialect dialect,
                                       const LoadQuestion& question) {
  if (dialect == HttpDialect::kOllama) {
    LoadQuestion named = question;
    named.model = ModelFor(question);
    named.max_tokens = kMaxTokens;
    return *bench::MakeOllamaTarget(url, named, kLongestRequest);
  }
  return std::make_unique<OpenAiTarget>(url + "/v1/chat/completions", OpenAiBody(question));
}

}  // namespace tessera::testing
