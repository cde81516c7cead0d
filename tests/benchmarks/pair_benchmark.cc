// SPDX-License-Identifier: Apache-2.0
//
// What tessera-inference adds to a unary text request: the same requests straight to the simulated
// engine over one HTTP client, and through the service, in turns, in one run. Prints a table for
// docs/benchmarks.md; judges nothing.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/bench/load/grpc_target.h"
#include "cli/bench/load/load.h"
#include "common/logging/log.h"
#include "services/inference/inference_server.h"
#include "simulator/ollama_simulator.h"
#include "tests/benchmarks/load/http_target.h"

namespace tessera::testing {
namespace {

using bench::ClosedLoop;
using bench::Latencies;
using bench::MakeGrpcTarget;
using bench::Median;
using bench::OpenLoop;
using bench::WithSpread;

void Row(const std::string& name, Target& direct, Target& gateway, int rounds,
         const std::function<Latencies(Target&)>& measure) {
  std::vector<double> direct_p50, direct_p99, added_p50, added_p99, rate;
  int64_t failed = 0;
  for (int round = 0; round < rounds; ++round) {
    const Latencies without = measure(direct);
    const Latencies with = measure(gateway);
    direct_p50.push_back(without.At(0.5));
    direct_p99.push_back(without.At(0.99));
    added_p50.push_back(with.At(0.5) - without.At(0.5));
    added_p99.push_back(with.At(0.99) - without.At(0.99));
    rate.push_back(with.PerSecond());
    failed += without.failed + with.failed;
  }
  fmt::print("| {} | {:.3f} | {:.3f} | {} | {} | {:.0f} | {} |\n", name, Median(direct_p50),
             Median(direct_p99), WithSpread(added_p50), WithSpread(added_p99), Median(rate),
             failed);
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
  InitLogging({.service = "benchmark", .level = LogLevel::kError, .format = LogFormat::kText});
  constexpr int kSlots = 1024;
  simulator::SimulatorOptions engine;
  for (simulator::ModelSpec& model : engine.models) model.parallel = kSlots;
  auto simulator = simulator::OllamaSimulator::Start(engine).value();
  simulator->Script("tokens=1", /*times=*/0);
  inference::InferenceConfig config;
  config.listen = config.metrics_listen = "127.0.0.1:0";
  config.ollama_urls = {simulator->url()};
  config.ollama_num_parallel = kSlots;
  auto server = inference::InferenceServer::Start(config).value();
  const auto direct = MakeHttpTarget(simulator->url(), HttpDialect::kOllama, {});
  const auto gateway =
      MakeGrpcTarget(fmt::format("127.0.0.1:{}", server->port()), {}, /*connections=*/1);
  for (Target* target : {direct.get(), gateway.get()}) {
    ClosedLoop(*target, 8, 0.5);  // Warm up: connections, allocator, branch predictors.
  }
  fmt::print(
      "Unary text, one token, {} interleaved rounds of 1 s each; milliseconds; medians "
      "[lowest, highest round].\n\n"
      "| load | direct p50 | direct p99 | added p50 | added p99 | requests/s through "
      "Tessera | failed |\n|---|---|---|---|---|---|---|\n",
      rounds);
  for (const int clients : {1, 8, 64}) {
    Row(fmt::format("closed loop, {} client{}", clients, clients == 1 ? "" : "s"), *direct,
        *gateway, rounds, [&](Target& target) { return ClosedLoop(target, clients, 1.0); });
  }
  Row("open loop, 1,000/s", *direct, *gateway, rounds,
      [&](Target& target) { return OpenLoop(target, 1000, 1.0); });
  return 0;
}

}  // namespace
}  // namespace tessera::testing

int main(int argc, char** argv) { return tessera::testing::Main(argc, argv); }
