// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "simulator/generation_handler.h"
#include "simulator/json_body.h"
#include "simulator/json_text.h"
#include "simulator/model_pull.h"
#include "simulator/progress_stream.h"
#include "simulator/text.h"
#include "simulator/transfer_handlers.h"

namespace tessera::simulator {
namespace {

constexpr SteadyDuration kProgressInterval = std::chrono::milliseconds(60);

// The lines of one layer's download, from where an earlier one stopped.
void AddDownload(Simulation& simulation, const ModelSpec& spec, ProgressLines& lines) {
  const std::string hex = DigestOf(Concat("layer of ", CanonicalName(spec.name)));
  const std::string digest = Concat("sha256:", hex);
  const auto total = static_cast<uint64_t>(std::max<int64_t>(spec.size_bytes, 1));
  uint64_t done = simulation.blobs.Has(digest) ? total : simulation.blobs.PartialBytes(digest);
  const double rate = simulation.options.pull_bytes_per_second;
  const double seconds = std::chrono::duration<double>(kProgressInterval).count();
  const uint64_t step = rate > 0 ? static_cast<uint64_t>(rate * seconds) + 1 : total;
  const auto add = [&](uint64_t completed, SteadyDuration before) {
    ProgressLine line{.before = before};
    JsonObject object(line.json);
    object.Add("status", Concat("pulling ", hex.substr(0, 12)))
        .Add("digest", digest)
        .Add("total", total)
        .AddNonZero("completed", static_cast<int64_t>(completed));
    object.Close();
    line.on_sent = [&simulation, digest, completed, total] {
      simulation.blobs.SetPartialBytes(digest, completed);
      if (completed == total) simulation.blobs.Add(digest, total);
    };
    lines.push_back(std::move(line));
  };
  add(done, SteadyDuration::zero());
  while (done < total) {
    done = std::min(total, done + step);
    add(done, rate > 0 ? kProgressInterval : SteadyDuration::zero());
  }
}

}  // namespace

void AddPull(Simulation& simulation, const std::string& name, ProgressLines& lines) {
  AddStatus(lines, "pulling manifest");
  const std::string canonical = CanonicalName(name);
  if (!simulation.options.registry_reachable) {
    const size_t colon = canonical.rfind(':');
    AddError(lines, Concat("pull model manifest: Get \"https://registry.ollama.ai/v2/library/",
                           canonical.substr(0, colon), "/manifests/", canonical.substr(colon + 1),
                           "\": dial tcp: lookup registry.ollama.ai: no such host"));
    return;
  }
  const ModelSpec* found = nullptr;
  for (const auto* models : {&simulation.options.registry, &simulation.options.models}) {
    for (const ModelSpec& spec : *models) {
      if (found == nullptr && CanonicalName(spec.name) == canonical) found = &spec;
    }
  }
  if (found == nullptr) {
    AddError(lines, "pull model manifest: file does not exist");
    return;
  }
  AddDownload(simulation, *found, lines);
  AddStatus(lines, "verifying sha256 digest");
  AddStatus(lines, "writing manifest");
  AddStatus(lines, "success");
  lines.back().on_sent = [&simulation, found] { simulation.models.Put(*found); };
}

void HandlePull(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  simdjson::dom::object root;
  std::string error, name, old_name;
  bool stream = true;
  if (ParseJsonBody(exchange->body(), &root, &error)) {
    GoStruct fields(root, "PullRequest", &error);
    fields.Read("model", &name);
    fields.Read("name", &old_name);
    fields.Read("stream", &stream);
  }
  name = name.empty() ? old_name : name;
  if (error.empty() && name.empty()) {
    error = "invalid model name";
  }
  if (!error.empty()) {
    exchange->ReplyError(400, error);
    return;
  }
  exchange->Record([&](RequestRecord& record, Counters&) { record.model = name; });
  std::optional<Fault> fault;
  if (auto script = simulation.scripts.Take("/api/pull", name, {})) {
    fault = script->fault;
    if (fault.has_value() && PlayEarlyFault(*exchange, *fault)) return;
  }
  ProgressLines lines;
  AddPull(simulation, name, lines);
  StartProgress(exchange, stream, std::move(lines), std::move(fault));
}

}  // namespace tessera::simulator
