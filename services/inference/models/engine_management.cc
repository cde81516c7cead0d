// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/engine_management.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/time/clock.h"

namespace tessera::inference {
namespace {

constexpr absl::Duration kQuick = absl::Seconds(30);
// Between two lines of progress. A large file's digest is computed in silence, at a few hundred
// megabytes a second; quantising and converting say nothing for minutes.
constexpr absl::Duration kPullSilence = absl::Minutes(15);
constexpr absl::Duration kCreateSilence = absl::Hours(2);
constexpr absl::Duration kUploadSilence = absl::Minutes(5);
constexpr int64_t kMaxProgressBytes = int64_t{1} << 30;

HttpRequest Make(const ModelsContext& context, std::string method, std::string_view path,
                 absl::Time deadline) {
  // At least a millisecond, so that a deadline that has just passed is reported as such.
  const absl::Duration left = std::max(deadline - absl::Now(), absl::Milliseconds(1));
  HttpRequest request{.method = std::move(method),
                      .url = fmt::format("{}{}", context.engine_url, path)};
  request.limits.connect = std::min(absl::Seconds(2), left);
  request.limits.first_byte = request.limits.idle = std::min(kQuick, left);
  request.limits.total = left;
  return request;
}

HttpRequest MakeJson(const ModelsContext& context, std::string method, std::string_view path,
                     std::string body, absl::Time deadline) {
  HttpRequest request = Make(context, std::move(method), path, deadline);
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::move(body);
  return request;
}

void AllowSilence(HttpRequest& request, absl::Duration silence) {
  request.limits.first_byte = request.limits.idle = std::min(silence, request.limits.total);
}

// The model's names come checked; nevertheless nothing is thrown over odd bytes.
std::string Text(const nlohmann::json& document) {
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

HttpRequest MemoryRequest(const ModelsContext& context, std::string_view model, bool embeds,
                          nlohmann::json keep_alive, uint32_t context_tokens, absl::Time deadline) {
  nlohmann::json body = {{"model", model}, {"keep_alive", std::move(keep_alive)}};
  if (context_tokens > 0) body["options"] = {{"num_ctx", context_tokens}};
  if (embeds) {
    body["input"] = nlohmann::json::array();
  } else {
    body["stream"] = false;
  }
  return MakeJson(context, "POST", embeds ? "/api/embed" : "/api/generate", Text(body), deadline);
}

}  // namespace

HttpRequest ShowRequest(const ModelsContext& context, std::string_view model, absl::Time deadline) {
  return MakeJson(context, "POST", "/api/show", Text({{"model", model}}), deadline);
}

HttpRequest ListRequest(const ModelsContext& context, absl::Time deadline) {
  return Make(context, "GET", "/api/tags", deadline);
}

HttpRequest RunningRequest(const ModelsContext& context, absl::Time deadline) {
  return Make(context, "GET", "/api/ps", deadline);
}

HttpRequest LoadRequest(const ModelsContext& context, std::string_view model, bool embeds,
                        absl::Duration keep_alive, uint32_t context_tokens, absl::Time deadline) {
  HttpRequest request = MemoryRequest(context, model, embeds, absl::ToDoubleSeconds(keep_alive),
                                      context_tokens, deadline);
  AllowSilence(request, context.load_timeout);
  return request;
}

HttpRequest UnloadRequest(const ModelsContext& context, std::string_view model, bool embeds,
                          absl::Time deadline) {
  return MemoryRequest(context, model, embeds, 0, 0, deadline);
}

HttpRequest CopyRequest(const ModelsContext& context, std::string_view source,
                        std::string_view destination, absl::Time deadline) {
  return MakeJson(context, "POST", "/api/copy",
                  Text({{"source", source}, {"destination", destination}}), deadline);
}

HttpRequest DeleteRequest(const ModelsContext& context, std::string_view model,
                          absl::Time deadline) {
  return MakeJson(context, "DELETE", "/api/delete", Text({{"model", model}}), deadline);
}

HttpRequest PullRequest(const ModelsContext& context, std::string_view model, absl::Time deadline) {
  HttpRequest request =
      MakeJson(context, "POST", "/api/pull", Text({{"model", model}, {"stream", true}}), deadline);
  AllowSilence(request, kPullSilence);
  request.limits.max_response_bytes = kMaxProgressBytes;
  return request;
}

HttpRequest CreateRequest(const ModelsContext& context, std::string body, absl::Time deadline) {
  HttpRequest request = MakeJson(context, "POST", "/api/create", std::move(body), deadline);
  AllowSilence(request, kCreateSilence);
  request.limits.max_response_bytes = kMaxProgressBytes;
  return request;
}

HttpRequest FindBlobRequest(const ModelsContext& context, std::string_view digest,
                            absl::Time deadline) {
  return Make(context, "HEAD", fmt::format("/api/blobs/{}", digest), deadline);
}

HttpRequest UploadRequest(const ModelsContext& context, std::string_view digest,
                          std::shared_ptr<HttpBodySource> source, absl::Time deadline) {
  HttpRequest request = Make(context, "POST", fmt::format("/api/blobs/{}", digest), deadline);
  request.headers = {{"Content-Type", "application/octet-stream"}};
  request.body_source = std::move(source);
  AllowSilence(request, kUploadSilence);
  return request;
}

}  // namespace tessera::inference
