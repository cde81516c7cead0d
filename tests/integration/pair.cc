// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/pair.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/time/clock.h"
#include "common/http/curl_http_client.h"
#include "common/http/fetch_all.h"
#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/health_check.h"

namespace tessera::testing {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << result.status() << std::endl;
    std::abort();
  }
  return *std::move(result);
}

std::string Local(int port) { return fmt::format("127.0.0.1:{}", port); }

// Port 1 is reserved and never listened on by what runs here.
constexpr char kNobody[] = "127.0.0.1:1";

}  // namespace

Pair::Pair(PairOptions options) {
  InitLogging({.service = "test", .level = LogLevel::kError, .format = LogFormat::kText});
  simulator_ = OrDie(simulator::OllamaSimulator::Start(options.simulator));
  options.preprocess.inference_address = kNobody;
  if (options.with_inference) {
    options.inference.listen = options.inference.metrics_listen = "127.0.0.1:0";
    options.inference.ollama_urls = {simulator_->url()};
    options.inference.engine_check_interval = absl::Milliseconds(50);
    if (options.inference.keep_loaded.empty()) options.inference.keep_loaded = {"none"};
    inference_ = OrDie(inference::InferenceServer::Start(options.inference));
    options.preprocess.inference_address = Local(inference_->port());
    gpu_channel_ = MakeClientChannel(Local(inference_->port()));
    gpu_ = api::InferenceService::NewStub(gpu_channel_);
  }
  options.preprocess.listen = options.preprocess.metrics_listen = "127.0.0.1:0";
  options.preprocess.inference_check_interval = absl::Milliseconds(50);
  preprocess_ = OrDie(preprocess::PreprocessServer::Start(options.preprocess));
  front_channel_ = MakeClientChannel(Local(preprocess_->port()));
  front_ = api::InferenceService::NewStub(front_channel_);
  pictures_ = preprocess::v1::PreprocessService::NewStub(front_channel_);
  if (!options.with_inference) return;
  const bool ready = PollUntil([this] {
    return CheckHealth(front_channel_, "tessera.inference.v1.InferenceService", absl::Seconds(1))
        .ok();
  });
  if (!ready) {
    std::cerr << "the pair did not become ready" << std::endl;
    std::abort();
  }
}

Pair::~Pair() = default;

std::string Pair::ScrapePreprocess() { return Scrape(preprocess_->metrics_port()); }
std::string Pair::ScrapeInference() { return Scrape(inference_->metrics_port()); }

void Pair::ExpectServes() {
  // After a fault the engine, its connections and the health checks may need a moment.
  absl::StatusOr<api::GenerateResponse> response;
  const bool served = PollUntil([&] {
    response = Generate(*front_, Say("are you there?"));
    return response.ok();
  });
  EXPECT_TRUE(served) << "the next request failed: " << response.status();
}

std::unique_ptr<grpc::ClientContext> Soon(absl::Duration timeout) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  return context;
}

absl::StatusOr<api::GenerateResponse> Generate(InferenceStub& stub,
                                               const api::GenerateRequest& request) {
  api::GenerateResponse response;
  const grpc::Status status = stub.Generate(Soon().get(), request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

absl::StatusOr<api::ClassifyResponse> Classify(InferenceStub& stub,
                                               const api::ClassifyRequest& request) {
  api::ClassifyResponse response;
  const grpc::Status status = stub.Classify(Soon().get(), request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

std::vector<int> KindsOf(const StreamResult& result) {
  std::vector<int> kinds;
  for (const auto& event : result.events) {
    if (kinds.empty() || kinds.back() != event.event_case()) kinds.push_back(event.event_case());
  }
  return kinds;
}

StreamResult Stream(InferenceStub& stub, const std::vector<api::StreamGenerateRequest>& parts) {
  const auto context = Soon();
  const auto stream = stub.StreamGenerate(context.get());
  for (const auto& part : parts) {
    if (!stream->Write(part)) break;
  }
  stream->WritesDone();
  StreamResult result;
  api::StreamGenerateResponse event;
  while (stream->Read(&event)) {
    result.text += event.text().text();
    result.events.push_back(event);
  }
  result.status = FromGrpcStatus(stream->Finish());
  return result;
}

api::GenerateRequest Say(const std::string& text) {
  api::GenerateRequest request;
  api::Message* message = request.add_messages();
  message->set_role(api::ROLE_USER);
  message->set_text(text);
  return request;
}

api::GenerateRequest ShowAndSay(const std::vector<std::string>& files, const std::string& text) {
  api::GenerateRequest request = Say(text);
  for (const std::string& file : files) {
    request.mutable_messages(0)->add_images()->set_content(file);
  }
  return request;
}

api::ClassifyRequest ClassifyFile(const std::string& file, const std::vector<std::string>& labels) {
  api::ClassifyRequest request;
  request.add_images()->set_content(file);
  request.mutable_labels()->Assign(labels.begin(), labels.end());
  return request;
}

bool PollUntil(const std::function<bool()>& met, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!met()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

std::string Scrape(int port) {
  const auto client = OrDie(MakeCurlHttpClient());
  const auto response =
      FetchAll(*client, {.url = fmt::format("http://127.0.0.1:{}/metrics", port)});
  return response.ok() ? response->body : "";
}

double Sample(const std::string& scrape, const std::string& series) {
  const std::string at_line_start = "\n" + series + " ";
  const size_t at = ("\n" + scrape).find(at_line_start);
  if (at == std::string::npos) return -1;
  return std::strtod(scrape.c_str() + at + at_line_start.size() - 1, nullptr);
}

}  // namespace tessera::testing
