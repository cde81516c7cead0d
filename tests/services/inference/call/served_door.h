// SPDX-License-Identifier: Apache-2.0
//
// The GPU host's door, served over the network, before an engine that does what the test says.
#ifndef TESSERA_TESTS_SERVICES_INFERENCE_CALL_SERVED_DOOR_H_
#define TESSERA_TESTS_SERVICES_INFERENCE_CALL_SERVED_DOOR_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/worker_pool.h"
#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/grpc_status.h"
#include "services/inference/cache/answer_cache.h"
#include "services/inference/flight_table.h"
#include "services/inference/inference_service.h"
#include "tests/support/direct_dispatcher.h"
#include "tests/support/fake_model_engine.h"
#include "tests/support/metric_values.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {

// A test with the door, its cache, and a stub.
class ServedDoor : public ::testing::Test {
 protected:
  ServedDoor() {
    InitLogging({.service = "test", .level = LogLevel::kOff});
    EngineSnapshot snapshot{.reachable = true, .version = "0.17.4"};
    snapshot.models["able:latest"] = {
        .name = "able:latest",
        .digest = "digest",
        .capabilities = {"completion", "vision", "tools", "thinking", "embedding"},
        .capabilities_known = true};
    snapshot.models["plain:latest"] = {.name = "plain:latest",
                                       .digest = "another digest",
                                       .capabilities = {"completion"},
                                       .capabilities_known = true};
    catalog_.Replace(std::move(snapshot));
    context_.batch = {.max_items = 4, .max_bytes = 100'000};
    context_.defaults.text_model = context_.defaults.vision_model = "able";
    auto server = GrpcServer::Start(
        {.services = {{"tessera.inference.v1.InferenceService", &service_}}}, registry_);
    EXPECT_THAT(server, testing::IsOk());
    server_ = *std::move(server);
    stub_ = v1::InferenceService::NewStub(
        MakeClientChannel("127.0.0.1:" + std::to_string(server_->port())));
  }

  static v1::GenerateRequest Ask(const std::string& text) {
    v1::GenerateRequest request;
    request.set_request_id("r-1");
    v1::Message& message = *request.add_messages();
    message.set_role(v1::ROLE_USER);
    message.set_text(text);
    return request;
  }

  static v1::ClassifyRequest AskForLabel() {
    v1::ClassifyRequest request;
    request.set_text("It barks.");
    for (const char* label : {"cat", "dog", "bird"}) request.add_labels(label);
    return request;
  }

  static v1::EmbedRequest AskForVectors(const std::vector<std::string>& texts) {
    v1::EmbedRequest request;
    request.set_model("able");
    for (const std::string& text : texts) request.add_texts(text);
    return request;
  }

  static std::unique_ptr<grpc::ClientContext> Soon() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    return context;
  }

  absl::StatusOr<v1::GenerateResponse> Generate(const v1::GenerateRequest& request) {
    return Call(&v1::InferenceService::Stub::Generate, request, v1::GenerateResponse());
  }
  absl::StatusOr<v1::ClassifyResponse> Classify(const v1::ClassifyRequest& request) {
    return Call(&v1::InferenceService::Stub::Classify, request, v1::ClassifyResponse());
  }
  absl::StatusOr<v1::EmbedResponse> Embed(const v1::EmbedRequest& request) {
    return Call(&v1::InferenceService::Stub::Embed, request, v1::EmbedResponse());
  }

  // Each chat with the engine gives the next answer.
  void AnswerOneAfterTheOther(std::vector<std::string> answers) {
    const auto next = std::make_shared<size_t>(0);
    engine_.on_chat = [=](testing::FakeChat& chat) {
      const absl::Status status = chat.Piece(answers.at((*next)++ % answers.size()));
      const ChatOutcome outcome{
          .finish = ChatFinish::kStop, .prompt_tokens = 10, .output_tokens = 3};
      chat.End(status.ok() ? absl::StatusOr<ChatOutcome>(outcome) : status);
    };
  }

  static bool Becomes(const std::function<bool()>& met) {
    const absl::Time until = absl::Now() + absl::Seconds(10);
    for (; absl::Now() < until; absl::SleepFor(absl::Milliseconds(1))) {
      if (met()) return true;
    }
    return false;
  }

  std::optional<double> Count(const std::string& name, const testing::MetricLabels& labels = {}) {
    return testing::MetricValue(registry_, "tessera_inference_" + name, labels);
  }

  prometheus::Registry registry_;
  InferenceMetrics metrics_{registry_, {"able"}};
  ModelCatalog catalog_;
  InFlightLimit limit_{100, 100 << 20};
  testing::FakeModelEngine engine_;
  WorkerPool pool_{{.threads = 1, .max_queued = 8}};
  DirectDispatcher dispatcher_{engine_, limit_, pool_};
  CacheMetrics cache_metrics_{registry_};
  FlightTable flights_;
  AnswerCache cache_{{.memory_bytes = 1 << 20, .ttl = absl::Hours(1), .redis = std::nullopt},
                     cache_metrics_};
  InferenceContext context_{.dispatcher = dispatcher_,
                            .catalog = catalog_,
                            .metrics = metrics_,
                            .cache = &cache_,
                            .flights = &flights_,
                            .defaults = {}};
  InferenceService service_{context_};
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<v1::InferenceService::Stub> stub_;

 private:
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::InferenceService::Stub::*method)(
                                    grpc::ClientContext*, const Request&, Response*),
                                const Request& request, Response response) {
    const absl::Status status =
        FromGrpcStatus((stub_.get()->*method)(Soon().get(), request, &response));
    if (!status.ok()) return status;
    return response;
  }
};

}  // namespace tessera::inference

#endif  // TESSERA_TESTS_SERVICES_INFERENCE_CALL_SERVED_DOOR_H_
