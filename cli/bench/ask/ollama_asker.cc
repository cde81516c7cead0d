// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/ask/ollama_asker.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "common/concurrency/notification.h"
#include "common/http/curl_http_client.h"
#include "common/http/fetch_all.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::bench {
namespace {

using nlohmann::json;

constexpr double kNanosecondsPerSecond = 1e9;

std::string ToBody(const Question& question) {
  json message = {{"role", "user"}, {"content", question.prompt}};
  for (const std::string& picture : question.pictures) {
    std::string encoded;
    absl::Base64Escape(picture, &encoded);
    message["images"].push_back(std::move(encoded));
  }
  json body = {{"model", question.model},
               {"stream", true},
               {"keep_alive", "1800000ms"},
               {"options",
                {{"num_predict", question.max_tokens},
                 {"temperature", question.temperature},
                 {"seed", question.seed}}},
               {"messages", {std::move(message)}}};
  if (question.num_ctx > 0) body["options"]["num_ctx"] = question.num_ctx;
  if (!question.json_schema.empty()) {
    body["format"] = json::parse(question.json_schema, nullptr, /*allow_exceptions=*/false);
  }
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

absl::Status EngineError(std::string_view what) {
  return MakeError(absl::StatusCode::kUnavailable, "ENGINE_FAILED",
                   fmt::format("the engine answered: {}", what));
}

// Collects one answer; on the client's thread until `done`.
class AnswerSink : public HttpResponseSink {
 public:
  explicit AnswerSink(absl::Time begin) : begin_(begin) {}

  void OnHead(const HttpHead& head) override { http_status_ = head.status; }

  absl::Status OnData(std::string_view bytes) override {
    rest_ += bytes;
    for (size_t end; (end = rest_.find('\n')) != std::string::npos; rest_.erase(0, end + 1)) {
      TESSERA_RETURN_IF_ERROR(TakeLine(std::string_view(rest_).substr(0, end)));
    }
    return absl::OkStatus();
  }

  void OnDone(const absl::Status& status, const HttpStats&) override {
    answer.total_s = absl::ToDoubleSeconds(absl::Now() - begin_);
    answer.status = status;
    if (status.ok() && http_status_ != 200) {
      answer.status = EngineError(fmt::format("HTTP {} {}", http_status_, rest_.substr(0, 200)));
    } else if (status.ok() && !finished_) {
      answer.status = EngineError("the stream ended without its last line");
    }
    done.Notify();
  }

  Answer answer;
  Notification done;

 private:
  absl::Status TakeLine(std::string_view line) {
    const json event = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!event.is_object()) return EngineError("a line that is not JSON");
    if (event.contains("error")) return EngineError(event["error"].dump());
    if (const auto message = event.find("message"); message != event.end()) {
      const std::string text = message->value("content", "");
      if (!answer.first_token_s && !(text.empty() && message->value("thinking", "").empty())) {
        answer.first_token_s = absl::ToDoubleSeconds(absl::Now() - begin_);
      }
      answer.text += text;
    }
    if (!event.value("done", false)) return absl::OkStatus();
    finished_ = true;
    const auto seconds = [&](const char* key) {
      return event.value(key, 0.0) / kNanosecondsPerSecond;
    };
    answer.model = event.value("model", "");
    answer.engine_total_s = seconds("total_duration");
    answer.load_s = seconds("load_duration");
    answer.prefill_s = seconds("prompt_eval_duration");
    answer.decode_s = seconds("eval_duration");
    answer.prompt_tokens = event.value("prompt_eval_count", 0u);
    answer.output_tokens = event.value("eval_count", 0u);
    return absl::OkStatus();
  }

  const absl::Time begin_;
  int http_status_ = 0;
  std::string rest_;
  bool finished_ = false;
};

class OllamaAsker : public Asker {
 public:
  OllamaAsker(std::string url, absl::Duration timeout, StopFlag& stop,
              std::unique_ptr<HttpClient> client)
      : url_(std::move(url)), timeout_(timeout), stop_(stop), client_(std::move(client)) {}

  Answer Ask(const Question& question) override {
    const absl::Time begin = absl::Now();
    const auto sink = std::make_shared<AnswerSink>(begin);
    const auto call =
        client_->Start({.method = "POST",
                        .url = url_ + "/api/chat",
                        .headers = {{"Content-Type", "application/json"}},
                        .body = ToBody(question),
                        .limits = {.first_byte = timeout_, .idle = timeout_, .total = timeout_}},
                       sink);
    const int ending = stop_.Add([call] { call->Cancel(); });
    sink->done.Wait();
    stop_.Remove(ending);
    return sink->answer;
  }

 private:
  const std::string url_;
  const absl::Duration timeout_;
  StopFlag& stop_;
  const std::unique_ptr<HttpClient> client_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Asker>> MakeOllamaAsker(const std::string& url,
                                                       absl::Duration timeout, StopFlag& stop) {
  TESSERA_ASSIGN_OR_RETURN(auto client, MakeCurlHttpClient());
  return std::make_unique<OllamaAsker>(url, timeout, stop, std::move(client));
}

absl::StatusOr<std::string> Fetch(const std::string& url, absl::Duration timeout) {
  TESSERA_ASSIGN_OR_RETURN(auto client, MakeCurlHttpClient());
  TESSERA_ASSIGN_OR_RETURN(
      HttpResponse response,
      FetchAll(*client, {.url = url, .limits = {.first_byte = timeout, .total = timeout}}));
  if (response.status != 200) return EngineError(fmt::format("HTTP {}", response.status));
  return std::move(response.body);
}

}  // namespace tessera::bench
