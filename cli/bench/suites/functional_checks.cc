// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/suites/functional_checks.h"

#include <fmt/format.h>
#include <grpc/health/v1/health.grpc.pb.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>
#include <tessera/model/v1/model_service.grpc.pb.h>
#include <tessera/preprocess/v1/preprocess_service.grpc.pb.h>

#include <memory>
#include <set>

#include "absl/time/clock.h"
#include "cli/bench/ask/ollama_asker.h"
#include "cli/bench/ask/prompts.h"
#include "cli/bench/pictures/scenes.h"
#include "cli/call_error.h"
#include "common/rpc/proto_time.h"
#include "common/status/error.h"

namespace tessera::bench {
namespace {

namespace api = inference::v1;

constexpr absl::Duration kLongestCall = absl::Minutes(3);
constexpr int kSidePx = 640;

CheckResult Pass(std::string detail = "") { return {Outcome::kPassed, std::move(detail)}; }
CheckResult Fail(std::string detail) { return {Outcome::kFailed, std::move(detail)}; }
CheckResult Skip(std::string detail) { return {Outcome::kSkipped, std::move(detail)}; }

std::string Describe(const absl::Status& status) {
  return fmt::format("{} {}: {}", absl::StatusCodeToString(status.code()), ReasonOf(status),
                     std::string(status.message()));
}

// A feature that is not there is no failure: the method, a field, or a property of the model.
bool IsNotOffered(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return status.code() == absl::StatusCode::kUnimplemented || reason == "NOT_SERVED_HERE" ||
         reason == "MODEL_LACKS_CAPABILITY" || reason == "MODEL_LACKS_VISION" ||
         reason == "MODEL_ADMIN_DISABLED" ||
         std::string(status.message()).find("not served by this version") != std::string::npos;
}

CheckResult Judge(const absl::Status& status, std::string detail = "") {
  if (status.ok()) return Pass(std::move(detail));
  return IsNotOffered(status) ? Skip(Describe(status)) : Fail(Describe(status));
}

api::GenerateRequest Say(const Bench& bench, const std::string& text, uint32_t max_tokens = 24) {
  api::GenerateRequest request;
  request.set_model(bench.options.model);
  request.set_cache_policy(api::CACHE_POLICY_OFF);
  api::Message& message = *request.add_messages();
  message.set_role(api::ROLE_USER);
  message.set_text(text);
  request.mutable_sampling()->set_max_output_tokens(max_tokens);
  request.mutable_sampling()->set_temperature(0);
  request.mutable_sampling()->set_seed(1);
  return request;
}

// One door of the deployment.
class Door {
 public:
  Door(const cli::Connection& connection, Bench& bench)
      : connection_(connection),
        bench_(bench),
        stub_(api::InferenceService::NewStub(connection.channel)),
        models_(model::v1::ModelService::NewStub(connection.channel)) {}

  const cli::Connection& connection() const { return connection_; }
  Bench& bench() { return bench_; }
  api::InferenceService::Stub& stub() { return *stub_; }
  model::v1::ModelService::Stub& models() { return *models_; }

  // Runs a call that ends with the flag.
  template <typename Function>
  absl::Status Call(Function function, absl::Duration timeout = kLongestCall) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    const int ending = bench_.stop.Add([&context] { context.TryCancel(); });
    const grpc::Status status = function(&context);
    bench_.stop.Remove(ending);
    return cli::ToCallError(status, {.address = connection_.address, .timeout = timeout});
  }

  absl::Status Generate(const api::GenerateRequest& request, api::GenerateResponse& response,
                        absl::Duration timeout = kLongestCall) {
    return Call([&](auto* context) { return stub_->Generate(context, request, &response); },
                timeout);
  }
  absl::Status Classify(const api::ClassifyRequest& request, api::ClassifyResponse& response) {
    return Call([&](auto* context) { return stub_->Classify(context, request, &response); });
  }

 private:
  const cli::Connection& connection_;
  Bench& bench_;
  const std::unique_ptr<api::InferenceService::Stub> stub_;
  const std::unique_ptr<model::v1::ModelService::Stub> models_;
};

CheckResult Health(Door& door) {
  auto stub = grpc::health::v1::Health::NewStub(door.connection().channel);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("tessera.inference.v1.InferenceService");
  grpc::health::v1::HealthCheckResponse response;
  const absl::Status status =
      door.Call([&](auto* context) { return stub->Check(context, request, &response); });
  if (!status.ok()) return Judge(status);
  return response.status() == grpc::health::v1::HealthCheckResponse::SERVING
             ? Pass("SERVING")
             : Fail("InferenceService is not SERVING");
}

CheckResult ListModels(Door& door) {
  model::v1::ListModelsResponse response;
  const absl::Status status =
      door.Call([&](auto* context) { return door.models().ListModels(context, {}, &response); });
  if (status.ok() && response.models().empty()) return Fail("the engine has no models");
  return Judge(status, fmt::format("{} models", response.models_size()));
}

CheckResult GenerateWhole(Door& door) {
  api::GenerateResponse response;
  const absl::Status status = door.Generate(Say(door.bench(), "Name three colours."), response);
  if (!status.ok()) return Judge(status);
  if (response.completion().usage().output_tokens() == 0) return Fail("no tokens were counted");
  return Pass(fmt::format("{}, {} tokens", response.completion().model(),
                          response.completion().usage().output_tokens()));
}

CheckResult GenerateStreamed(Door& door) {
  int pieces = 0;
  bool started = false, finished = false, after_end = false;
  const absl::Status status = door.Call([&](auto* context) {
    auto stream = door.stub().StreamGenerate(context);
    api::StreamGenerateRequest first;
    *first.mutable_start() = Say(door.bench(), MakePrompt(8, 5), 48);
    stream->Write(first, grpc::WriteOptions().set_last_message());
    for (api::StreamGenerateResponse event; stream->Read(&event);) {
      after_end |= finished;
      started |= event.has_started();
      finished |= event.has_finished();
      pieces += event.has_text() ? 1 : 0;
    }
    return stream->Finish();
  });
  if (!status.ok()) return Judge(status);
  if (!started || !finished || after_end) return Fail("`started` and `finished` do not frame it");
  return Pass(fmt::format("{} pieces", pieces));
}

CheckResult SameAnswerTwice(Door& door) {
  api::GenerateResponse first, second;
  const auto request = Say(door.bench(), "Describe a river in one sentence.");
  absl::Status status = door.Generate(request, first);
  if (status.ok()) status = door.Generate(request, second);
  if (!status.ok()) return Judge(status);
  return first.text() == second.text()
             ? Pass("temperature 0, same seed")
             : Fail(fmt::format("'{}' and '{}'", first.text(), second.text()));
}

CheckResult TokenLimit(Door& door) {
  api::GenerateResponse response;
  const absl::Status status = door.Generate(Say(door.bench(), MakePrompt(12, 3), 4), response);
  if (!status.ok()) return Judge(status);
  const uint32_t tokens = response.completion().usage().output_tokens();
  return tokens <= 4 ? Pass(fmt::format("{} of at most 4 tokens", tokens))
                     : Fail(fmt::format("{} tokens, at most 4 were allowed", tokens));
}

CheckResult JsonAnswer(Door& door) {
  api::GenerateRequest request = Say(door.bench(), "Name a colour as JSON.", 64);
  request.mutable_response_format()->set_json_schema(
      R"({"type":"object","properties":{"colour":{"enum":["red","green","blue"]}},)"
      R"("required":["colour"],"additionalProperties":false})");
  api::GenerateResponse response;
  const absl::Status status = door.Generate(request, response);
  if (!status.ok()) return Judge(status);
  const auto json = nlohmann::json::parse(response.text(), nullptr, /*allow_exceptions=*/false);
  return json.is_object() && json.contains("colour")
             ? Pass(response.text())
             : Fail("not by the schema: " + response.text());
}

CheckResult ClassifyText(Door& door) {
  api::ClassifyRequest request;
  request.set_model(door.bench().options.model);
  request.set_text("The parcel never came.");
  request.add_labels("praise");
  request.add_labels("complaint");
  api::ClassifyResponse response;
  const absl::Status status = door.Classify(request, response);
  if (!status.ok()) return Judge(status);
  return response.label() == "praise" || response.label() == "complaint"
             ? Pass(response.label())
             : Fail("'" + response.label() + "' is none of the labels");
}

CheckResult KeepAlive(Door& door) {
  api::GenerateRequest request = Say(door.bench(), "Hello", 2);
  *request.mutable_keep_alive() = ToProto(absl::Minutes(11));
  api::GenerateResponse response;
  absl::Status status = door.Generate(request, response);
  if (!status.ok()) return Judge(status);
  model::v1::ListRunningModelsResponse running;
  status = door.Call(
      [&](auto* context) { return door.models().ListRunningModels(context, {}, &running); });
  if (!status.ok()) return Judge(status);
  for (const auto& model : running.models()) {
    if (!model.name().starts_with(response.completion().model())) continue;
    const absl::Duration left = absl::FromUnixSeconds(model.expires_at().seconds()) - absl::Now();
    const bool near = left > absl::Minutes(9) && left <= absl::Minutes(12);
    const std::string text =
        fmt::format("asked for 11 min, {:.1f} min left", absl::ToDoubleMinutes(left));
    return near ? Pass(text) : Fail(text);
  }
  return Fail("the model is not in memory after its answer");
}

// The error must have this reason and code.
CheckResult Expect(const absl::Status& status, absl::StatusCode code, std::string_view reason) {
  if (status.code() == code && (reason.empty() || ReasonOf(status) == reason)) {
    return Pass(ReasonOf(status));
  }
  return status.ok() ? Fail("it was accepted") : Fail(Describe(status));
}

CheckResult UnknownModel(Door& door) {
  api::GenerateRequest request = Say(door.bench(), "Hello");
  request.set_model("no-such-model:0b");
  api::GenerateResponse response;
  return Expect(door.Generate(request, response), absl::StatusCode::kNotFound, "MODEL_NOT_FOUND");
}

CheckResult NoMessages(Door& door) {
  api::GenerateResponse response;
  return Expect(door.Generate({}, response), absl::StatusCode::kInvalidArgument, "FIELD_INVALID");
}

CheckResult ImageMarker(Door& door) {
  api::GenerateResponse response;
  return Expect(door.Generate(Say(door.bench(), "Look at [img-0]."), response),
                absl::StatusCode::kInvalidArgument, "PROMPT_IMAGE_MARKER");
}

CheckResult NoLabels(Door& door) {
  api::ClassifyRequest request;
  request.set_text("Hello");
  api::ClassifyResponse response;
  return Expect(door.Classify(request, response), absl::StatusCode::kInvalidArgument,
                "LABELS_EMPTY");
}

CheckResult Deadline(Door& door) {
  api::GenerateResponse response;
  const absl::Status status =
      door.Generate(Say(door.bench(), MakePrompt(400, 8), 4096), response, absl::Milliseconds(2));
  if (status.ok()) return Skip("answered within 2 ms: nothing to be cut off");
  return Expect(status, absl::StatusCode::kDeadlineExceeded, "");
}

// The first piece of a long answer is followed by a cancellation; the next request must be served.
CheckResult Cancel(Door& door) {
  const absl::Status status = door.Call([&](auto* context) {
    auto stream = door.stub().StreamGenerate(context);
    api::StreamGenerateRequest first;
    *first.mutable_start() = Say(door.bench(), MakePrompt(30, 6), 2048);
    first.mutable_start()->mutable_sampling()->set_temperature(1);
    stream->Write(first, grpc::WriteOptions().set_last_message());
    for (api::StreamGenerateResponse event; stream->Read(&event);) {
      if (event.has_text()) break;
    }
    context->TryCancel();
    return stream->Finish();
  });
  if (!status.ok() && status.code() != absl::StatusCode::kCancelled) return Judge(status);
  api::GenerateResponse response;
  const absl::Time begin = absl::Now();
  const absl::Status next = door.Generate(Say(door.bench(), "Hello", 2), response);
  return Judge(next, fmt::format("the next request took {:.2f} s",
                                 absl::ToDoubleSeconds(absl::Now() - begin)));
}

CheckResult Embed(Door& door) {
  model::v1::ListModelsResponse models;
  absl::Status status =
      door.Call([&](auto* context) { return door.models().ListModels(context, {}, &models); });
  if (!status.ok()) return Judge(status);
  for (const auto& model : models.models()) {
    const auto& can = model.capabilities();
    if (std::find(can.begin(), can.end(), "embedding") == can.end()) continue;
    api::EmbedRequest request;
    request.set_model(model.name());
    request.add_texts("river");
    api::EmbedResponse response;
    status =
        door.Call([&](auto* context) { return door.stub().Embed(context, request, &response); });
    if (!status.ok()) return Judge(status);
    return response.embeddings_size() == 1 ? Pass(model.name()) : Fail("not one vector");
  }
  return Skip("the engine has no model for embeddings");
}

CheckResult Batch(Door& door) {
  std::set<std::string> answered;
  std::string failure;
  const absl::Status status = door.Call([&](auto* context) {
    auto stream = door.stub().Batch(context);
    api::BatchRequest good, bad;
    good.set_id("good");
    *good.mutable_generate() = Say(door.bench(), "Hello", 2);
    bad.set_id("bad");
    *bad.mutable_generate() = Say(door.bench(), "Hello", 2);
    bad.mutable_generate()->set_model("no-such-model:0b");
    stream->Write(good);
    stream->Write(bad);
    stream->WritesDone();
    for (api::BatchResponse response; stream->Read(&response);) {
      if (response.has_window()) continue;
      answered.insert(response.id());
      if (response.has_error() != (response.id() == "bad")) failure = response.id();
    }
    return stream->Finish();
  });
  if (!status.ok()) return Judge(status);
  if (!failure.empty()) return Fail("item '" + failure + "' did not end as it should");
  return answered.size() == 2 ? Pass("a bad item failed alone")
                              : Fail("not every item was answered");
}

CheckResult ClassifyPicture(Door& door, std::string_view kind, FileFormat format) {
  api::ClassifyRequest request;
  request.set_model(door.bench().options.model);
  request.set_cache_policy(api::CACHE_POLICY_OFF);
  request.add_images()->set_content(EncodePicture(DrawScene(kind, kSidePx, 1), format));
  for (const std::string_view label : kKinds) request.add_labels(std::string(label));
  api::ClassifyResponse response;
  const absl::Status status = door.Classify(request, response);
  if (!status.ok()) return Judge(status);
  const auto known = std::find(kKinds.begin(), kKinds.end(), response.label());
  // Whether the model is right is measured by `vision`; here it is enough that it chose.
  return known == kKinds.end() ? Fail("'" + response.label() + "' is none of the labels")
                               : Pass(fmt::format("it is a {}, says the model", response.label()));
}

CheckResult TwoPictures(Door& door) {
  api::GenerateRequest request = Say(door.bench(), "What kind of pictures are these?");
  for (const std::string_view kind : {"chart", "shape"}) {
    request.mutable_messages(0)->add_images()->set_content(
        EncodePicture(DrawScene(kind, 256, 2), FileFormat::kJpeg));
  }
  request.mutable_image_options()->set_max_side_px(256);
  api::GenerateResponse response;
  const absl::Status status = door.Generate(request, response);
  if (!status.ok()) return Judge(status);
  return response.images_size() == 2 ? Pass() : Fail("not both pictures were reported");
}

CheckResult Prepare(Door& door, FileFormat format) {
  auto stub = preprocess::v1::PreprocessService::NewStub(door.connection().channel);
  preprocess::v1::PreprocessImageRequest request;
  request.set_content(EncodePicture(DrawScene("photo", 1600, 1), format));
  preprocess::v1::PreprocessImageResponse response;
  const absl::Status status =
      door.Call([&](auto* context) { return stub->PreprocessImage(context, request, &response); });
  if (!status.ok()) return Judge(status);
  const auto& picture = response.image();
  const std::string text = fmt::format("{}x{}, {} bytes", picture.width_px(), picture.height_px(),
                                       picture.data().size());
  return std::max(picture.width_px(), picture.height_px()) == 768 ? Pass(text) : Fail(text);
}

CheckResult DamagedPicture(Door& door) {
  api::ClassifyRequest request;
  request.add_images()->set_content(
      EncodePicture(DrawScene("photo", kSidePx, 1), FileFormat::kJpeg).substr(0, 900));
  request.add_labels("photo");
  api::ClassifyResponse response;
  const absl::Status status = door.Classify(request, response);
  if (status.code() == absl::StatusCode::kInvalidArgument &&
      ReasonOf(status).starts_with("IMAGE_")) {
    return Pass(ReasonOf(status));
  }
  return status.ok() ? Fail("it was accepted") : Fail(Describe(status));
}

CheckResult FileAtTheOtherDoor(Door& door) {
  api::ClassifyRequest request;
  request.add_images()->set_content(EncodePicture(DrawScene("shape", 256, 1), FileFormat::kPng));
  request.add_labels("shape");
  api::ClassifyResponse response;
  return Expect(door.Classify(request, response), absl::StatusCode::kInvalidArgument,
                "IMAGE_NOT_PREPARED");
}

CheckResult Metrics(const std::string& url) {
  const auto page = Fetch(url + (url.ends_with("/metrics") ? "" : "/metrics"), absl::Seconds(5));
  if (!page.ok()) return Fail(Describe(page.status()));
  const size_t found = page->find("tessera_");
  return found == page->npos ? Fail("nothing on the page is Tessera's")
                             : Pass(fmt::format("{} bytes", page->size()));
}

void AddDoor(const std::string& name, const std::shared_ptr<Door>& door,
             std::vector<FunctionalCheck>& checks) {
  const auto add = [&](const char* what, CheckResult (*check)(Door&)) {
    checks.push_back({name + ": " + what, [door, check] { return check(*door); }});
  };
  add("health", Health);
  add("models are listed", ListModels);
  add("answer, whole", GenerateWhole);
  add("answer, streamed", GenerateStreamed);
  add("same answer twice", SameAnswerTwice);
  add("token limit", TokenLimit);
  add("JSON by a schema", JsonAnswer);
  add("text classified", ClassifyText);
  add("keep-alive", KeepAlive);
  add("embeddings", Embed);
  add("batch", Batch);
  add("cancel", Cancel);
  add("deadline", Deadline);
  add("error: unknown model", UnknownModel);
  add("error: no messages", NoMessages);
  add("error: picture marker in a text", ImageMarker);
  add("error: no labels", NoLabels);
}

}  // namespace

std::vector<FunctionalCheck> FunctionalChecks(Bench& bench) {
  std::vector<FunctionalCheck> checks;
  const auto front = std::make_shared<Door>(bench.front, bench);
  AddDoor("front door", front, checks);
  for (const FileFormat format : kFormats) {
    checks.push_back({fmt::format("front door: {} prepared", FormatName(format)),
                      [front, format] { return Prepare(*front, format); }});
  }
  for (size_t i = 0; i < kKinds.size(); ++i) {
    const FileFormat format = kFormats[i % kFormats.size()];
    checks.push_back(
        {fmt::format("front door: {} classified, {}", kKinds[i], FormatName(format)),
         [front, kind = kKinds[i], format] { return ClassifyPicture(*front, kind, format); }});
  }
  checks.push_back({"front door: two pictures", [front] { return TwoPictures(*front); }});
  checks.push_back(
      {"front door: error: damaged picture", [front] { return DamagedPicture(*front); }});
  if (bench.inference) {
    const auto inference = std::make_shared<Door>(*bench.inference, bench);
    AddDoor("inference door", inference, checks);
    checks.push_back({"inference door: error: picture file",
                      [inference] { return FileAtTheOtherDoor(*inference); }});
  }
  if (!bench.options.metrics_url.empty()) {
    checks.push_back({"metrics", [&bench] { return Metrics(bench.options.metrics_url); }});
  }
  return checks;
}

}  // namespace tessera::bench
