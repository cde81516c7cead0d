// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/load/ollama_target.h"

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/http/curl_http_client.h"
#include "common/status/status_macros.h"

namespace tessera::bench {
namespace {

using nlohmann::json;

constexpr char kLastLine[] = "\"done\":true";
// Of the bytes before a piece, for a mark that is cut in two.
constexpr size_t kKeptBytes = sizeof kLastLine - 2;

std::shared_ptr<const std::string> ToBody(const LoadQuestion& question) {
  json message = {{"role", "user"}, {"content", question.prompt}};
  if (!question.picture.empty()) {
    std::string encoded;
    absl::Base64Escape(question.picture, &encoded);
    message["images"] = {std::move(encoded)};
  }
  json body = {{"model", question.model},
               {"stream", true},
               {"keep_alive", "1800000ms"},
               {"messages", {std::move(message)}}};
  if (question.max_tokens > 0) body["options"]["num_predict"] = question.max_tokens;
  return std::make_shared<const std::string>(
      body.dump(-1, ' ', false, json::error_handler_t::replace));
}

// Exchanges in flight. Thread-safe.
class Calls {
 public:
  int64_t Open() {
    const std::lock_guard lock(mutex_);
    open_.emplace(++last_, nullptr);
    return last_;
  }
  // Too late where the exchange has ended by now.
  void Attach(int64_t id, std::shared_ptr<HttpCall> call) {
    const std::lock_guard lock(mutex_);
    if (const auto found = open_.find(id); found != open_.end()) found->second = std::move(call);
  }
  void Close(int64_t id) {
    const std::lock_guard lock(mutex_);
    open_.erase(id);
  }
  void CancelAll() {
    std::map<int64_t, std::shared_ptr<HttpCall>> open;
    {
      const std::lock_guard lock(mutex_);
      open = open_;
    }
    for (const auto& [id, call] : open) {
      if (call != nullptr) call->Cancel();
    }
  }

 private:
  std::mutex mutex_;
  int64_t last_ = 0;
  std::map<int64_t, std::shared_ptr<HttpCall>> open_;
};

// On the client's thread.
class Sink : public HttpResponseSink {
 public:
  Sink(Exchange exchange, Calls& calls)
      : exchange_(std::move(exchange)), calls_(calls), id_(calls.Open()) {}

  int64_t id() const { return id_; }

  void OnHead(const HttpHead& head) override { ok_ = head.status == 200; }

  absl::Status OnData(std::string_view bytes) override {
    if (exchange_.on_piece) exchange_.on_piece(bytes);
    tail_ += bytes;
    finished_ |= tail_.find(kLastLine) != std::string::npos;
    if (tail_.size() > kKeptBytes) tail_.erase(0, tail_.size() - kKeptBytes);
    return absl::OkStatus();
  }

  void OnDone(const absl::Status& status, const HttpStats&) override {
    calls_.Close(id_);
    exchange_.on_done(ok_ && finished_ && status.ok());
  }

 private:
  const Exchange exchange_;
  Calls& calls_;
  const int64_t id_;
  bool ok_ = false;
  bool finished_ = false;
  std::string tail_;
};

class OllamaTarget : public Target {
 public:
  OllamaTarget(const std::string& url, const LoadQuestion& question, absl::Duration timeout,
               std::unique_ptr<HttpClient> client)
      : url_(url + "/api/chat"),
        body_(ToBody(question)),
        limits_{.first_byte = timeout, .idle = timeout, .total = timeout},
        client_(std::move(client)) {}

  void Send(Exchange exchange) override {
    const auto sink = std::make_shared<Sink>(std::move(exchange), calls_);
    calls_.Attach(sink->id(), client_->Start({.method = "POST",
                                              .url = url_,
                                              .headers = {{"Content-Type", "application/json"}},
                                              .shared_body = body_,
                                              .limits = limits_},
                                             sink));
  }

  void CancelAll() override { calls_.CancelAll(); }

 private:
  const std::string url_;
  const std::shared_ptr<const std::string> body_;
  const HttpLimits limits_;
  Calls calls_;
  const std::unique_ptr<HttpClient> client_;  // Gone first: its sinks end before the rest.
};

}  // namespace

absl::StatusOr<std::unique_ptr<Target>> MakeOllamaTarget(const std::string& url,
                                                         const LoadQuestion& question,
                                                         absl::Duration timeout) {
  TESSERA_ASSIGN_OR_RETURN(auto client, MakeCurlHttpClient());
  return std::make_unique<OllamaTarget>(url, question, timeout, std::move(client));
}

}  // namespace tessera::bench
