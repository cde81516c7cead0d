// SPDX-License-Identifier: Apache-2.0
#include "simulator/control_handlers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "simulator/json_body.h"
#include "simulator/json_text.h"
#include "simulator/text.h"
#include "simulator/timestamps.h"

namespace tessera::simulator {
namespace {

std::string CountersJson(const Counters& counters) {
  std::string by_path;
  JsonObject paths(by_path);
  for (const auto& [path, count] : counters.requests_by_path) {
    paths.Add(path, count);
  }
  paths.Close();
  std::string out;
  JsonObject(out)
      .Add("connections_accepted", counters.connections_accepted)
      .Add("connections_open", counters.connections_open)
      .Add("requests", counters.requests)
      .Add("requests_in_flight", counters.requests_in_flight)
      .Add("max_requests_in_flight", counters.max_requests_in_flight)
      .Add("answered", counters.answered)
      .Add("clients_gone", counters.clients_gone)
      .Add("faulted", counters.faulted)
      .Add("lines_sent", counters.lines_sent)
      .Add("tokens_sent", counters.tokens_sent)
      .Add("loads_started", counters.loads_started)
      .Add("loads_finished", counters.loads_finished)
      .Add("loads_aborted", counters.loads_aborted)
      .Add("reloads", counters.reloads)
      .Add("unloads", counters.unloads)
      .Add("busy_refusals", counters.busy_refusals)
      .Add("slots_busy", counters.slots_busy)
      .Add("max_slots_busy", counters.max_slots_busy)
      .Add("slots_wedged", counters.slots_wedged)
      .AddRaw("requests_by_path", by_path)
      .Close();
  return out;
}

std::string PicturesJson(const std::vector<ReceivedPicture>& pictures) {
  std::string out = "[";
  for (const ReceivedPicture& picture : pictures) {
    out += out.size() > 1 ? "," : "";
    JsonObject(out)
        .Add("sha256", picture.sha256)
        .Add("bytes", picture.bytes)
        .Add("format", picture.format)
        .Add("width_px", picture.width_px)
        .Add("height_px", picture.height_px)
        .Add("prompt_tokens", picture.prompt_tokens)
        .Close();
  }
  return out + "]";
}

// Times are microseconds after the request came in: a steady clock has no date.
void AddTime(JsonObject& object, std::string_view key, const RequestRecord& record,
             const std::optional<SteadyTime>& time) {
  if (time.has_value()) {
    object.Add(key, int64_t{(*time - record.received).count() / 1000});
  }
}

std::string RecordJson(const RequestRecord& record) {
  std::string out;
  JsonObject object(out);
  object.Add("id", record.id)
      .Add("connection", record.connection)
      .Add("method", record.method)
      .Add("path", record.path)
      .AddNonEmpty("request_id", record.request_id)
      .AddNonEmpty("model", record.model)
      .AddNonEmpty("prompt", record.prompt)
      .AddNonEmpty("answer", record.answer)
      .Add("body_bytes", record.body_bytes)
      .Add("streaming", record.streaming)
      .Add("cold", record.cold)
      .AddRaw("pictures", PicturesJson(record.pictures))
      .Add("status", record.status)
      .Add("lines_sent", record.lines_sent)
      .Add("prompt_tokens", record.prompt_tokens)
      .Add("tokens_sent", record.tokens_sent)
      .Add("phase", PhaseName(record.phase));
  if (record.phase == RequestPhase::kClientGone) {
    object.Add("gone_in", PhaseName(record.gone_in));
  }
  AddTime(object, "slot_granted_us", record, record.slot_granted);
  AddTime(object, "first_line_us", record, record.first_line);
  AddTime(object, "ended_us", record, record.ended);
  object.Close();
  return out;
}

std::string RunnersJson(const Scheduler& scheduler) {
  std::string out = "[";
  for (const RunnerStatus& runner : scheduler.Running()) {
    out += out.size() > 1 ? "," : "";
    JsonObject(out)
        .Add("model", runner.model->canonical_name)
        .Add("num_ctx", runner.num_ctx)
        .Add("slots_busy", runner.slots_busy)
        .Add("slots_wedged", runner.slots_wedged)
        .Add("waiting", runner.waiting)
        .Add("expires_at", Rfc3339Nano(runner.expires_at))
        .Close();
  }
  return out + "]";
}

}  // namespace

void HandleState(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  std::string_view query = exchange->request().query;
  size_t wanted = 100;
  if (ConsumePrefix(query, "records=") && !ParseNumber(query, &wanted)) {
    exchange->ReplyError(400, "records must be a number");
    return;
  }
  const JournalState state = simulation.journal.Snapshot();
  std::string out = Concat("{\"counters\":", CountersJson(state.counters),
                           ",\"runners\":", RunnersJson(*simulation.scheduler), ",\"requests\":[");
  const size_t first = state.requests.size() - std::min(wanted, state.requests.size());
  for (size_t i = first; i < state.requests.size(); ++i) {
    Append(out, i > first ? "," : "", RecordJson(state.requests[i]));
  }
  exchange->ReplyJson(out + "]}");
}

void HandleScript(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  simdjson::dom::object root;
  std::string error, directives;
  ScriptRule rule;
  if (ParseJsonBody(exchange->body(), &root, &error)) {
    GoStruct fields(root, "Script", &error);
    fields.Read("answer", &directives);
    fields.Read("path", &rule.path);
    fields.Read("model", &rule.model);
    fields.Read("contains", &rule.contains);
    fields.Read("times", &rule.times);
    simdjson::dom::element probability;
    if (fields.Get("probability", &probability) &&
        probability.get(rule.probability) != simdjson::SUCCESS) {
      fields.WrongType("probability", probability, "float64");
    }
  }
  if (error.empty()) {
    const auto answer = ParseAnswerScript(directives);
    if (answer.ok()) {
      rule.answer = *answer;
    } else {
      error = std::string(answer.status().message());
    }
  }
  if (!error.empty()) {
    exchange->ReplyError(400, error);
    return;
  }
  simulation.scripts.Add(std::move(rule));
  exchange->ReplyEmpty(200);
}

void HandleClearScript(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  simulation.scripts.Clear();
  exchange->ReplyEmpty(200);
}

void HandleKillRunner(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  simdjson::dom::object root;
  std::string error, name;
  if (ParseJsonBody(exchange->body(), &root, &error)) {
    GoStruct(root, "Kill", &error).Read("model", &name);
  }
  const ModelRef model = simulation.models.Find(name);
  if (!error.empty() || model == nullptr) {
    exchange->ReplyError(error.empty() ? 404 : 400,
                         error.empty() ? Concat("model '", name, "' not found") : error);
    return;
  }
  simulation.scheduler->KillRunner(model);
  exchange->ReplyEmpty(200);
}

void HandleClear(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  simulation.journal.Clear();
  exchange->ReplyEmpty(200);
}

}  // namespace tessera::simulator
