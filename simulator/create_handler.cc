// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "simulator/error_texts.h"
#include "simulator/generation_handler.h"
#include "simulator/json_body.h"
#include "simulator/json_text.h"
#include "simulator/model_pull.h"
#include "simulator/progress_stream.h"
#include "simulator/request_error.h"
#include "simulator/text.h"
#include "simulator/transfer_handlers.h"

namespace tessera::simulator {
namespace {

namespace dom = simdjson::dom;

constexpr std::pair<std::string_view, std::string_view> kQuantizations[] = {
    {"F32", "F32"},       {"F16", "F16"},     {"Q4_K_S", "Q4_K_S"},
    {"Q4_K_M", "Q4_K_M"}, {"Q4_K", "Q4_K_M"}, {"Q8_0", "Q8_0"},
};

using Lines = ProgressLines;

struct CreateRequest {
  std::string model, from, quantize, system, renderer;
  bool stream = true;
  std::optional<int> num_ctx;
  std::vector<std::string> blobs;  // digests of files
};

RequestError ParseCreate(std::string& body, CreateRequest* request) {
  dom::object root;
  std::string error;
  if (!ParseJsonBody(body, &root, &error)) {
    return {400, error};
  }
  GoStruct fields(root, "CreateRequest", &error);
  fields.Read("model", &request->model);
  fields.Read("from", &request->from);
  fields.Read("quantize", &request->quantize);
  fields.Read("system", &request->system);
  fields.Read("renderer", &request->renderer);
  fields.Read("stream", &request->stream);
  dom::element element;
  dom::object files;
  int64_t num_ctx;
  if (fields.Get("parameters", &element) &&
      element.at_key("num_ctx").get(num_ctx) == simdjson::SUCCESS) {
    request->num_ctx = static_cast<int>(num_ctx);
  }
  if (fields.Get("files", &element) && element.get(files) == simdjson::SUCCESS) {
    for (const auto [name, digest] : files) {
      std::string_view text;
      if (digest.get(text) == simdjson::SUCCESS) request->blobs.emplace_back(text);
    }
  }
  if (error.empty() && request->model.empty()) {
    error = "model is required";
  }
  if (error.empty() && request->from.empty() && request->blobs.empty()) {
    error = "neither 'from' or 'files' was specified";
  }
  return error.empty() ? RequestError() : RequestError{400, error};
}

// Sets the wanted quantisation; returns why it cannot be.
std::string Quantize(const std::string& wanted, ModelSpec* spec) {
  const std::string upper = Upper(wanted);
  for (const auto& [name, result] : kQuantizations) {
    if (name != upper) continue;
    if (spec->quantization != "F16" && spec->quantization != "BF16" &&
        spec->quantization != "F32") {
      return std::string(kQuantizeSourceText);
    }
    spec->quantization = std::string(result);
    spec->weights = Concat(spec->name, " as ", result);
    return {};
  }
  return Concat("unsupported quantization type ", upper,
                " - supported types are F32, F16, Q4_K_S, Q4_K_M, Q8_0");
}

// The model as it will be; an error text when it cannot be made.
std::string PrepareModel(Simulation& simulation, const CreateRequest& request, ModelSpec* spec) {
  for (const std::string& digest : request.blobs) {
    if (!simulation.blobs.Has(digest)) {
      return Concat("blob ", digest, " not found");
    }
    spec->size_bytes = static_cast<int64_t>(simulation.blobs.SizeOf(digest));
    spec->weights = digest;
    spec->quantization = "F16";
  }
  if (request.blobs.size() > 1) {
    spec->capabilities = {"completion", "vision"};
    spec->family = "qwen3vl";
  }
  spec->name = request.model;
  if (!request.system.empty()) spec->system = request.system;
  if (!request.renderer.empty()) spec->renderer = request.renderer;
  if (request.num_ctx.has_value()) spec->num_ctx = request.num_ctx;
  return request.quantize.empty() ? std::string() : Quantize(request.quantize, spec);
}

}  // namespace

void HandleCreate(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  CreateRequest request;
  if (const RequestError bad = ParseCreate(exchange->body(), &request); bad.status != 0) {
    exchange->ReplyError(bad.status, bad.text);
    return;
  }
  std::optional<Fault> fault;
  if (auto script = simulation.scripts.Take("/api/create", request.model, {})) {
    fault = script->fault;
    if (fault.has_value() && PlayEarlyFault(*exchange, *fault)) return;
  }
  Lines lines;
  ModelSpec spec;
  spec.capabilities = {"completion"};
  if (!request.from.empty()) {
    const ModelRef base = simulation.models.Find(request.from);
    if (base == nullptr) {
      // Ollama tries to fetch what it does not have.
      AddPull(simulation, request.from, lines);
      StartProgress(exchange, request.stream, std::move(lines), std::move(fault));
      return;
    }
    spec = base->spec;
    spec.weights = spec.weights.empty() ? base->canonical_name : spec.weights;
    spec.parent_model = base->canonical_name;
  }
  if (std::string refused = PrepareModel(simulation, request, &spec); !refused.empty()) {
    AddError(lines, refused);
    StartProgress(exchange, request.stream, std::move(lines), std::move(fault));
    return;
  }
  const bool converts = !request.quantize.empty() || !request.blobs.empty();
  if (converts) {
    AddStatus(lines, "verifying conversion");
  }
  AddStatus(lines, Concat(converts ? "creating new" : "using existing",
                          " layer sha256:", DigestOf(spec.weights)));
  AddStatus(lines, Concat("creating new layer sha256:", DigestOf(spec.name)));
  AddStatus(lines, "writing manifest");
  AddStatus(lines, "success");
  lines.back().on_sent = [&simulation, spec] { simulation.models.Put(spec); };
  StartProgress(exchange, request.stream, std::move(lines), std::move(fault));
}

}  // namespace tessera::simulator
