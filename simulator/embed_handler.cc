// SPDX-License-Identifier: Apache-2.0
#include "simulator/embed_handler.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "simulator/error_texts.h"
#include "simulator/generation_handler.h"
#include "simulator/json_body.h"
#include "simulator/json_text.h"
#include "simulator/model_load.h"
#include "simulator/request_options.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

namespace dom = simdjson::dom;

struct EmbedRequest {
  std::string model;
  std::vector<std::string> inputs;
  bool truncate = true;
  int dimensions = 0;
  GenerationRequest common;  // options and keep_alive
};

std::string ReadInputs(dom::element input, EmbedRequest* request) {
  std::string_view text;
  dom::array texts;
  if (input.get(text) == simdjson::SUCCESS) {
    if (!text.empty()) request->inputs.emplace_back(text);
    return {};
  }
  if (input.get(texts) != simdjson::SUCCESS) {
    return "invalid input type";
  }
  for (const dom::element each : texts) {
    if (each.get(text) != simdjson::SUCCESS) {
      return "invalid input type";
    }
    request->inputs.emplace_back(text);
  }
  return {};
}

RequestError ParseEmbed(std::string& body, std::string_view input_key, EmbedRequest* request) {
  dom::object root;
  std::string error;
  if (!ParseJsonBody(body, &root, &error)) {
    return {400, error};
  }
  GoStruct fields(root, "EmbedRequest", &error);
  fields.Read("model", &request->model);
  fields.Read("truncate", &request->truncate);
  fields.Read("dimensions", &request->dimensions);
  dom::element element;
  if (fields.Get(input_key, &element) && error.empty()) {
    error = ReadInputs(element, request);
  }
  if (fields.Get("keep_alive", &element) && error.empty()) {
    error = ReadKeepAlive(element, &request->common.keep_alive).text;
  }
  if (fields.Get("options", &element) && error.empty()) {
    if (std::string options = ReadOptions(element, &request->common); !options.empty()) {
      return {500, options};
    }
  }
  return error.empty() ? RequestError() : RequestError{400, error};
}

void AppendVector(std::string& out, const std::vector<float>& vector) {
  out += '[';
  for (size_t i = 0; i < vector.size(); ++i) {
    Append(out, i > 0 ? "," : "", vector[i]);
  }
  out += ']';
}

void Handle(Simulation& simulation, const std::shared_ptr<Exchange>& exchange, bool old_form) {
  EmbedRequest request;
  const RequestError unusable =
      ParseEmbed(exchange->body(), old_form ? "prompt" : "input", &request);
  exchange->Record([&](RequestRecord& record, Counters&) { record.model = request.model; });
  if (auto script = simulation.scripts.Take(exchange->request().path, request.model,
                                            request.inputs.empty() ? "" : request.inputs[0])) {
    if (script->delivery.has_value()) exchange->SetDelivery(*script->delivery);
    if (script->fault.has_value() && PlayEarlyFault(*exchange, *script->fault)) return;
  }
  if (unusable.status != 0) {
    exchange->ReplyError(unusable.status, unusable.text);
    return;
  }
  const ModelRef model = simulation.models.Find(request.model);
  if (model == nullptr) {
    exchange->ReplyError(
        404, Concat("model ", Quoted(request.model), " not found, try pulling it first"));
    return;
  }
  Scheduler::Request wanted;
  wanted.model = model;
  wanted.settings = request.common.Settings(model->spec, simulation.options.context_length);
  wanted.keep_alive = request.common.keep_alive;
  Exchange* const open = exchange.get();
  const bool legacy = simulation.options.generation == EngineGeneration::kLegacy;
  WhenAdmitted(simulation, exchange, std::move(wanted),
               [open, model, request, old_form, legacy](const Admission& admission) {
                 if (!model->spec.Can("embedding") && !legacy) {
                   open->ReplyError(501, kNoEmbeddingsText);
                   return;
                 }
                 int tokens = 0;
                 for (const std::string& input : request.inputs) {
                   const int words = std::max(1, CountWords(input));
                   if (words > admission.num_ctx && !request.truncate) {
                     open->ReplyError(400, kInputTooLongText);
                     return;
                   }
                   tokens += std::min(words, admission.num_ctx);
                 }
                 const int dimensions =
                     request.dimensions > 0 ? request.dimensions : model->spec.embedding_length;
                 std::string out;
                 if (old_form) {
                   out = "{\"embedding\":";
                   AppendVector(out, request.inputs.empty()
                                         ? std::vector<float>()
                                         : EmbeddingOf(request.inputs[0], dimensions));
                   out += '}';
                 } else {
                   Append(out, "{\"model\":", Quoted(request.model), ",\"embeddings\":[");
                   for (size_t i = 0; i < request.inputs.size(); ++i) {
                     out += i > 0 ? "," : "";
                     AppendVector(out, EmbeddingOf(request.inputs[i], dimensions));
                   }
                   const auto total = std::chrono::steady_clock::now() - open->received();
                   Append(out, "],\"total_duration\":", total.count(),
                          ",\"load_duration\":", absl::ToInt64Nanoseconds(admission.load_duration));
                   if (tokens > 0) {
                     Append(out, ",\"prompt_eval_count\":", tokens);
                   }
                   out += '}';
                 }
                 open->ReplyJson(out);
               });
}

}  // namespace

std::vector<float> EmbeddingOf(std::string_view text, int dimensions) {
  std::minstd_rand random(static_cast<std::minstd_rand::result_type>(
      std::hash<std::string_view>()(text) % 2'147'483'646 + 1));
  std::normal_distribution<double> normal;
  std::vector<double> values(static_cast<size_t>(dimensions));
  double square = 0;
  for (double& value : values) {
    value = normal(random);
    square += value * value;
  }
  std::vector<float> vector;
  vector.reserve(values.size());
  for (const double value : values) {
    vector.push_back(static_cast<float>(value / std::sqrt(square)));
  }
  return vector;
}

void HandleEmbed(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  Handle(simulation, exchange, /*old_form=*/false);
}

void HandleOldEmbeddings(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  Handle(simulation, exchange, /*old_form=*/true);
}

}  // namespace tessera::simulator
