// SPDX-License-Identifier: Apache-2.0
#include "simulator/generation_handler.h"

#include <string>
#include <utility>

#include "simulator/error_texts.h"
#include "simulator/generation.h"
#include "simulator/http_status.h"
#include "simulator/json_text.h"
#include "simulator/model_load.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

constexpr size_t kRecordedPromptBytes = 256;

// The refusals that come before the model is looked at by the scheduler.
RequestError CheckCapabilities(const GenerationRequest& request, const ModelSpec& model) {
  const std::string quoted = Concat("\"", request.model, "\"");
  const std::string full_name = FullName(request.model);
  if (!model.Can("completion")) {
    return {400, Concat(quoted, " does not support ", request.is_chat ? "chat" : "generate")};
  }
  if (request.think == ThinkMode::kOn && !model.Can("thinking")) {
    return {400, Concat(quoted, " does not support thinking")};
  }
  if (!request.tools.empty() && !model.Can("tools")) {
    return {400, Concat(full_name, " does not support tools")};
  }
  if (request.wants_insert && !model.Can("insert")) {
    return {400, Concat(full_name, " does not support insert")};
  }
  return {};
}

RequestError CheckModel(const GenerationRequest& request, const StoredModel* model) {
  if (request.is_chat && request.model.empty()) {
    return {400, "model is required"};
  }
  if (model == nullptr) {
    return {404, Concat("model '", request.model, "' not found")};
  }
  return CheckCapabilities(request, model->spec);
}

void RecordRequest(Exchange& exchange, const GenerationRequest& request) {
  exchange.Record([&](RequestRecord& record, Counters&) {
    record.model = request.model;
    record.prompt = request.prompt.substr(0, kRecordedPromptBytes);
    record.streaming = request.stream;
    record.keep_alive = request.keep_alive;
    record.num_predict = request.num_predict;
    for (const RequestPicture& picture : request.pictures) {
      record.pictures.push_back(picture.received);
    }
  });
}

// Rules first, then what the prompt itself says. An error means unusable directives.
absl::Status CollectScript(Simulation& simulation, Exchange& exchange, GenerationRequest& request,
                           AnswerScript* script) {
  std::string_view decided_by;
  if (auto scripted =
          simulation.scripts.Take(exchange.request().path, request.model, request.prompt)) {
    *script = *std::move(scripted);
    decided_by = "script";
  }
  if (request.prompt.find("{{sim:") != std::string::npos) {
    decided_by = "prompt";
    request.words -= CountWords(request.prompt);
    if (absl::Status taken = TakePromptDirectives(request.prompt, *script); !taken.ok()) {
      return taken;
    }
    request.words += CountWords(request.prompt);
  }
  if (!decided_by.empty()) {
    exchange.Record([&](RequestRecord& record, Counters&) { record.answer = decided_by; });
  }
  return absl::OkStatus();
}

}  // namespace

bool PlayEarlyFault(Exchange& exchange, const Fault& fault) {
  switch (fault.kind) {
    case Fault::Kind::kStatus:
      exchange.ReplyError(fault.status,
                          fault.text.empty() ? DefaultErrorText(fault.status) : fault.text);
      return true;
    case Fault::Kind::kReset:
      if (fault.before_head) {
        exchange.Reset(/*flushed=*/false);
      }
      return fault.before_head;
    case Fault::Kind::kBlackhole:
      return true;
    case Fault::Kind::kHtml:
      exchange.Reply(
          fault.status, "text/html",
          Concat("<html><head><title>", fault.status, " ", StatusText(fault.status),
                 "</title></head><body><h1>", StatusText(fault.status), "</h1></body></html>\n"));
      return true;
    default:
      return false;
  }
}

void HandleGeneration(Simulation& simulation, const std::shared_ptr<Exchange>& exchange,
                      bool is_chat) {
  Generation::Plan plan;
  GenerationRequest& request = plan.request;
  std::string option_error;
  const RequestError unusable = ParseGenerationRequest(
      is_chat, exchange->body(), simulation.options.generation, &request, &option_error);
  RecordRequest(*exchange, request);
  if (absl::Status scripted = CollectScript(simulation, *exchange, request, &plan.script);
      !scripted.ok()) {
    exchange->ReplyError(400, Concat("simulator: ", std::string(scripted.message())));
    return;
  }
  if (plan.script.delivery.has_value()) {
    Delivery delivery = *plan.script.delivery;
    if (plan.script.segment_gap > absl::ZeroDuration()) {
      delivery.gap = absl::ToChronoNanoseconds(plan.script.segment_gap);
    }
    exchange->SetDelivery(delivery);
  }
  if (plan.script.fault.has_value() && PlayEarlyFault(*exchange, *plan.script.fault)) {
    return;
  }
  if (unusable.status != 0) {
    exchange->ReplyError(unusable.status, unusable.text);
    return;
  }
  plan.model = simulation.models.Find(request.model);
  if (const RequestError refused = CheckModel(request, plan.model.get()); refused.status != 0) {
    exchange->ReplyError(refused.status, refused.text);
    return;
  }
  const bool nothing_asked =
      is_chat ? request.message_count == 0 : request.prompt.empty() && request.pictures.empty();
  if (nothing_asked && request.keep_alive == absl::ZeroDuration()) {
    ReplyUnloaded(simulation, exchange, request, plan.model);
    return;
  }
  if (!option_error.empty()) {
    exchange->ReplyError(500, option_error);
    return;
  }
  if (nothing_asked) {
    ReplyWhenLoaded(simulation, exchange, request, plan.model);
    return;
  }
  if (!request.bad_format.empty()) {
    exchange->ReplyError(500, Concat("invalid format: ", Quoted(request.bad_format),
                                     "; expected \"json\" or a valid JSON Schema object"));
    return;
  }
  plan.answer = DecideAnswer(request, request.prompt, plan.model->spec, plan.script);
  auto generation = std::make_shared<Generation>(&simulation, exchange.get(), std::move(plan));
  exchange->Run(generation);
  generation->Start();
}

}  // namespace tessera::simulator
