// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/engine_monitor.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "common/http/fetch_all.h"
#include "common/logging/log.h"
#include "common/status/status_macros.h"
#include "services/inference/engine/engine_errors.h"
#include "services/inference/engine/engine_replies.h"

namespace tessera::inference {
namespace {
// One look asks about at most this many models that it has not seen before, so that an engine
// with thousands of models does not keep the monitor from noticing that it died.
constexpr int kMaxNewModelsPerLook = 32;
constexpr absl::Duration kLongestInterval = absl::Hours(24);
}  // namespace

EngineMonitor::EngineMonitor(HttpClient& http, ModelCatalog& catalog, Options options,
                             std::function<void(const EngineSnapshot&)> on_look)
    : http_(http),
      catalog_(catalog),
      options_(std::move(options)),
      on_look_(std::move(on_look)),
      thread_([this] { Run(); }) {}

EngineMonitor::~EngineMonitor() {
  stop_.Notify();
  thread_.join();
}

void EngineMonitor::Run() {
  std::optional<bool> was_reachable;
  do {
    catalog_.Replace(Look());
    const auto now = catalog_.Latest();
    if (now->reachable != was_reachable) {
      if (now->reachable) {
        LogInfo("engine reachable", {{"url", options_.url}, {"version", now->version}});
      } else {
        LogWarning("engine unreachable", {{"url", options_.url}});
      }
    }
    was_reachable = now->reachable;
    on_look_(*now);
  } while (!stop_.WaitFor(std::min(options_.interval, kLongestInterval)));
}

EngineSnapshot EngineMonitor::Look() {
  const auto last = catalog_.Latest();
  EngineSnapshot next;
  next.version = last->version;
  const absl::StatusOr<std::string> version = Get("/api/version");
  if (!version.ok()) return next;
  absl::StatusOr<std::string> number = ReadVersion(*version);
  if (!number.ok()) return next;
  next.version = *std::move(number);
  const absl::StatusOr<std::string> tags = Get("/api/tags");
  if (!tags.ok() || stop_.HasBeenNotified()) return next;
  next.reachable = true;
  AddModels(*tags, *last, next);
  if (const auto loaded_json = Get("/api/ps"); loaded_json.ok()) {
    if (auto loaded = ReadLoaded(*loaded_json); loaded.ok()) next.loaded = *std::move(loaded);
  }
  return next;
}

void EngineMonitor::AddModels(const std::string& tags_json, const EngineSnapshot& last,
                              EngineSnapshot& next) {
  absl::StatusOr<std::vector<ModelFacts>> models = ReadTags(tags_json);
  if (!models.ok()) return;
  int asked = 0;
  for (ModelFacts& facts : *models) {
    // Older servers tell capabilities only in /api/show; a digest's capabilities never change.
    if (!facts.capabilities_known) {
      const ModelFacts* known = last.Find(facts.name);
      if (known != nullptr && known->digest == facts.digest && known->capabilities_known) {
        facts.capabilities = known->capabilities;
        facts.capabilities_known = true;
      } else if (asked < kMaxNewModelsPerLook && !stop_.HasBeenNotified()) {
        ++asked;
        // A server that is gone or stuck is not asked about the others as well.
        const absl::Status status = AskCapabilities(facts);
        if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) {
          asked = kMaxNewModelsPerLook;
        }
      }
    }
    std::string name = facts.name;
    next.models.insert_or_assign(std::move(name), std::move(facts));
  }
}

absl::Status EngineMonitor::AskCapabilities(ModelFacts& facts) {
  TESSERA_ASSIGN_OR_RETURN(const std::string show, Show(facts.name));
  TESSERA_ASSIGN_OR_RETURN(facts.capabilities, ReadCapabilities(show));
  facts.capabilities_known = true;
  return absl::OkStatus();
}

absl::StatusOr<std::string> EngineMonitor::Get(const std::string& path) {
  HttpRequest request{.method = "GET", .url = options_.url + path};
  request.limits.connect = request.limits.first_byte = request.limits.total = options_.timeout;
  TESSERA_ASSIGN_OR_RETURN(HttpResponse response, FetchAll(http_, std::move(request)));
  if (response.status != 200) return StatusFromHttpReply(response.status, response.body);
  return std::move(response.body);
}

absl::StatusOr<std::string> EngineMonitor::Show(const std::string& model) {
  HttpRequest request{.method = "POST",
                      .url = options_.url + "/api/show",
                      .headers = {{"Content-Type", "application/json"}},
                      .body = nlohmann::json{{"model", model}}.dump()};
  request.limits.connect = request.limits.first_byte = request.limits.total = options_.timeout;
  TESSERA_ASSIGN_OR_RETURN(HttpResponse response, FetchAll(http_, std::move(request)));
  if (response.status != 200) return StatusFromHttpReply(response.status, response.body);
  return std::move(response.body);
}

}  // namespace tessera::inference
