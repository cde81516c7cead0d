// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/gateway.h"

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <utility>

#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/client_identity.h"
#include "common/rpc/grpc_status.h"

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

}  // namespace

GatewayOptions OneSlot(size_t engines) {
  GatewayOptions options;
  options.engines.resize(engines, {.version = "0.33.0"});
  for (simulator::SimulatorOptions& engine : options.engines) {
    for (simulator::ModelSpec& model : engine.models) model.parallel = 1;
  }
  options.inference.ollama_num_parallel = 1;
  return options;
}

Gateway::Gateway(GatewayOptions options) {
  InitLogging({.service = "test", .level = LogLevel::kOff, .format = LogFormat::kText});
  options.inference.ollama_urls = options.engine_urls;
  for (const simulator::SimulatorOptions& engine : options.engines) {
    engines_.push_back(OrDie(simulator::OllamaSimulator::Start(engine)));
    options.inference.ollama_urls.push_back(engines_.back()->url());
  }
  options.inference.listen = options.inference.metrics_listen = "127.0.0.1:0";
  options.inference.engine_check_interval = absl::Milliseconds(50);
  if (options.inference.keep_loaded.empty()) options.inference.keep_loaded = {"none"};
  server_ = OrDie(inference::InferenceServer::Start(options.inference));
  stub_ = api::InferenceService::NewStub(
      MakeClientChannel("127.0.0.1:" + std::to_string(server_->port())));
  if (!WaitForSum("tessera_inference_backend_up",
                  static_cast<double>(options.inference.ollama_urls.size()))) {
    std::cerr << "the engines were not seen" << std::endl;
    std::abort();
  }
}

Gateway::~Gateway() = default;

absl::StatusOr<api::GenerateResponse> Gateway::Ask(const api::GenerateRequest& request,
                                                   const Caller& caller) {
  const auto context = Soon(caller.timeout);
  if (!caller.name.empty()) context->AddMetadata(kClientKey, caller.name);
  api::GenerateResponse response;
  const grpc::Status status = stub_->Generate(context.get(), request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

std::future<absl::StatusOr<api::GenerateResponse>> Gateway::AskLater(api::GenerateRequest request,
                                                                     Caller caller) {
  return std::async(std::launch::async,
                    [this, request = std::move(request), caller = std::move(caller)] {
                      return Ask(request, caller);
                    });
}

StreamResult Gateway::AskStreaming(const api::GenerateRequest& request) {
  api::StreamGenerateRequest start;
  *start.mutable_start() = request;
  return Stream(*stub_, {start});
}

double Gateway::Sum(const std::string& metric, const std::string& labels) {
  std::istringstream lines(Scrape());
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(metric, 0) != 0 || line.find(labels) == std::string::npos) continue;
    const char after = line.size() > metric.size() ? line[metric.size()] : '\0';
    if (after == '{' || after == ' ') sum += std::strtod(&line[line.rfind(' ')], nullptr);
  }
  return sum;
}

bool Gateway::WaitForSum(const std::string& metric, double value, const std::string& labels) {
  return PollUntil([&] { return Sum(metric, labels) >= value; });
}

std::vector<simulator::RequestRecord> Gateway::Chats(size_t engine) {
  std::vector<simulator::RequestRecord> chats;
  for (const auto& request : engines_[engine]->State().requests) {
    if (request.path == "/api/chat") chats.push_back(request);
  }
  return chats;
}

}  // namespace tessera::testing
