// SPDX-License-Identifier: Apache-2.0
//
// What an answer costs that was given before: from memory and from Redis, for a text and for a
// picture, beside an RPC that does nothing, in turns, in one run. Prints a table for
// docs/benchmarks.md; judges nothing.
#include <fmt/format.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "cli/bench/load/load.h"
#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/health_check.h"
#include "common/rpc/proto_time.h"
#include "services/inference/inference_server.h"
#include "simulator/ollama_simulator.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"
#include "tests/support/redis_server.h"

namespace tessera::testing {
namespace {

namespace api = inference::v1;
using bench::WithSpread;

constexpr int kCallsOfARound = 2000;

std::unique_ptr<inference::InferenceServer> StartServer(const std::string& engine, uint32_t mib,
                                                        const std::string& redis) {
  inference::InferenceConfig config;
  config.listen = config.metrics_listen = "127.0.0.1:0";
  config.ollama_urls = {engine};
  config.keep_loaded = {"none"};
  config.cache_mib = mib;
  config.cache_redis = redis;
  return inference::InferenceServer::Start(config).value();
}

std::shared_ptr<grpc::Channel> ChannelTo(const inference::InferenceServer& server) {
  return MakeClientChannel(fmt::format("127.0.0.1:{}", server.port()));
}

api::GenerateRequest Question(bool picture) {
  api::GenerateRequest request;
  api::Message& message = *request.add_messages();
  message.set_role(api::ROLE_USER);
  message.set_text("what?");
  if (picture) {
    image::v1::PreparedImage& prepared = *message.add_images()->mutable_prepared();
    prepared.set_data(EncodeJpeg(DrawPhoto(768, 576), {.quality = 92}));
    prepared.set_width_px(768);
    prepared.set_height_px(576);
  }
  request.mutable_sampling()->set_temperature(0);
  return request;
}

struct Row {
  std::string name;
  std::function<double()> call;  // Milliseconds that the server says it took; below 0: unknown.
  std::vector<double> p50, p99, inside_p99;
};

double At(std::vector<double>& values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

void Measure(Row& row) {
  std::vector<double> seen, inside;
  for (int i = 0; i < kCallsOfARound; ++i) {
    const absl::Time start = absl::Now();
    inside.push_back(row.call());
    seen.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
  }
  row.p50.push_back(At(seen, 0.5));
  row.p99.push_back(At(seen, 0.99));
  row.inside_p99.push_back(At(inside, 0.99));
}

std::function<double()> Asking(const std::shared_ptr<grpc::Channel>& channel, bool picture) {
  const std::shared_ptr<api::InferenceService::Stub> stub = api::InferenceService::NewStub(channel);
  return [stub, request = Question(picture)] {
    grpc::ClientContext context;
    api::GenerateResponse response;
    const grpc::Status status = stub->Generate(&context, request, &response);
    if (!status.ok()) {
      fmt::print(stderr, "{}\n", status.error_message());
      std::exit(1);
    }
    return response.completion().source() == api::ANSWER_SOURCE_CACHE
               ? ToSeconds(response.completion().timings().total()) * 1e3
               : 0;
  };
}

void AHundredAtOnce(simulator::OllamaSimulator& engine, api::InferenceService::Stub& stub) {
  engine.ClearScripts();
  engine.Script("tokens=20 rate=100", /*times=*/0);
  const auto before = engine.counters().requests_by_path["/api/chat"];
  api::GenerateRequest request = Question(false);
  request.mutable_messages(0)->set_text("something new");
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&] {
      grpc::ClientContext context;
      api::GenerateResponse response;
      stub.Generate(&context, request, &response);
    });
  }
  for (std::thread& thread : threads) thread.join();
  fmt::print("\nThe picture has {} bytes.\n",
             Question(true).messages(0).images(0).prepared().data().size());
  fmt::print("100 identical requests at once: {} at the engine.\n",
             engine.counters().requests_by_path["/api/chat"] - before);
}

int Main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
  InitLogging({.service = "benchmark", .level = LogLevel::kError, .format = LogFormat::kText});
  auto simulator = simulator::OllamaSimulator::Start({}).value();
  simulator->Script("tokens=50", /*times=*/0);
  RedisServer redis;
  redis.Start();
  const auto memory = StartServer(simulator->url(), 64, "");
  const auto shared = StartServer(simulator->url(), 0, redis.socket());
  const auto in_memory = ChannelTo(*memory), in_redis = ChannelTo(*shared);
  std::vector<Row> rows = {{.name = "an RPC that does nothing (health)",
                            .call =
                                [&] {
                                  CheckHealth(in_memory, "", absl::Seconds(1)).IgnoreError();
                                  return -1.0;
                                }},
                           {.name = "memory, text", .call = Asking(in_memory, false)},
                           {.name = "memory, picture", .call = Asking(in_memory, true)},
                           {.name = "Redis, text", .call = Asking(in_redis, false)},
                           {.name = "Redis, picture", .call = Asking(in_redis, true)}};
  // The answers must be known, models seen and Redis connected.
  for (const Row& row : rows) {
    for (int i = 0; i < 500 && row.call() == 0; ++i) absl::SleepFor(absl::Milliseconds(10));
  }
  for (int round = 0; round < rounds; ++round) {
    for (Row& row : rows) Measure(row);
  }
  fmt::print(
      "An answer of 50 tokens that was given before; one caller, {} calls a round, {} rounds in "
      "turns; milliseconds; medians [lowest, highest round].\n\n"
      "| from | p50 | p99 | p99 by the server's clock |\n|---|---|---|---|\n",
      kCallsOfARound, rounds);
  for (const Row& row : rows) {
    fmt::print("| {} | {} | {} | {} |\n", row.name, WithSpread(row.p50), WithSpread(row.p99),
               row.inside_p99[0] < 0 ? "" : WithSpread(row.inside_p99));
  }
  AHundredAtOnce(*simulator, *api::InferenceService::NewStub(in_memory));
  return 0;
}

}  // namespace
}  // namespace tessera::testing

int main(int argc, char** argv) { return tessera::testing::Main(argc, argv); }
