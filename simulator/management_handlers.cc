// SPDX-License-Identifier: Apache-2.0
#include "simulator/management_handlers.h"

#include <string>

#include "simulator/json_body.h"
#include "simulator/json_text.h"
#include "simulator/model_info.h"
#include "simulator/text.h"
#include "simulator/timestamps.h"

namespace tessera::simulator {
namespace {

// Reads the named string fields; answers 400 and returns false when the body is unusable.
bool ReadFields(Exchange& exchange, std::string_view struct_name,
                std::initializer_list<std::pair<std::string_view, std::string*>> wanted) {
  simdjson::dom::object root;
  std::string error;
  if (ParseJsonBody(exchange.body(), &root, &error)) {
    GoStruct fields(root, struct_name, &error);
    for (const auto& [key, value] : wanted) {
      fields.Read(key, value);
    }
  }
  if (!error.empty()) {
    exchange.ReplyError(400, error);
  }
  return error.empty();
}

}  // namespace

void HandleTags(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  const bool legacy = simulation.options.generation == EngineGeneration::kLegacy;
  std::string out = "{\"models\":[";
  bool first = true;
  for (const ModelRef& model : simulation.models.List()) {
    out += first ? "" : ",";
    first = false;
    JsonObject object(out);
    object.Add("name", model->canonical_name)
        .Add("model", model->canonical_name)
        .Add("modified_at", Rfc3339Nano(model->modified_at))
        .Add("size", model->spec.size_bytes)
        .Add("digest", model->digest)
        .AddRaw("details", ModelDetails(model->spec, /*with_sizes=*/!legacy));
    if (!legacy) {
      object.Add("capabilities", model->spec.capabilities);
    }
    object.Close();
  }
  exchange->ReplyJson(out + "]}");
}

void HandlePs(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  std::string out = "{\"models\":[";
  bool first = true;
  for (const RunnerStatus& runner : simulation.scheduler->Running()) {
    out += first ? "" : ",";
    first = false;
    const ModelSpec& spec = runner.model->spec;
    const int64_t size = spec.loaded_size_bytes.value_or(spec.size_bytes);
    // With no layers on the GPU nothing is in its memory, whatever else was configured.
    const int64_t vram = runner.num_gpu == 0 ? 0 : spec.loaded_vram_bytes.value_or(size);
    JsonObject(out)
        .Add("name", runner.model->canonical_name)
        .Add("model", runner.model->canonical_name)
        .Add("size", size)
        .Add("digest", runner.model->digest)
        .AddRaw("details", ModelDetails(spec, /*with_sizes=*/false))
        .Add("expires_at", Rfc3339Nano(runner.expires_at))
        .Add("size_vram", vram)
        .Add("context_length", runner.num_ctx)
        .Close();
  }
  exchange->ReplyJson(out + "]}");
}

void HandleShow(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  std::string name, old_name;
  if (!ReadFields(*exchange, "ShowRequest", {{"model", &name}, {"name", &old_name}})) {
    return;
  }
  if (name.empty()) {
    name = old_name;
  }
  if (name.empty()) {
    exchange->ReplyError(400, "model is required");
    return;
  }
  const ModelRef model = simulation.models.Find(name);
  if (model == nullptr) {
    exchange->ReplyError(404, Concat("model '", CanonicalName(name), "' not found"));
    return;
  }
  exchange->ReplyJson(ShowJson(*model));
}

void HandleCopy(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  std::string source, destination;
  if (!ReadFields(*exchange, "CopyRequest", {{"source", &source}, {"destination", &destination}})) {
    return;
  }
  if (source.empty() || destination.empty()) {
    exchange->ReplyError(
        400, Concat(source.empty() ? "source" : "destination", " ", Quoted(""), " is invalid"));
  } else if (simulation.models.Copy(source, destination)) {
    exchange->ReplyEmpty(200);
  } else {
    exchange->ReplyError(404, Concat("model ", Quoted(source), " not found"));
  }
}

void HandleDelete(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  std::string name, old_name;
  if (!ReadFields(*exchange, "DeleteRequest", {{"model", &name}, {"name", &old_name}})) {
    return;
  }
  if (name.empty()) {
    name = old_name;
  }
  // A runner that has the model loaded goes on.
  if (simulation.models.Delete(name)) {
    exchange->ReplyEmpty(200);
  } else {
    exchange->ReplyError(404, Concat("model '", name, "' not found"));
  }
}

}  // namespace tessera::simulator
