// SPDX-License-Identifier: Apache-2.0
//
// Several ways to one engine, side by side: each round visits every way. gateways.py starts the
// ways and this program, which makes the load and prints tables for docs/benchmarks.md. The first
// way is the one that the others are compared with: the engine itself.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cli/bench/load/grpc_target.h"
#include "cli/bench/load/load.h"
#include "common/logging/log.h"
#include "tests/benchmarks/load/http_target.h"
#include "tests/benchmarks/load/lean_grpc_target.h"
#include "tests/benchmarks/load/process_usage.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

using bench::ClosedLoop;
using bench::Latencies;
using bench::MakeGrpcTarget;
using bench::Median;
using bench::OpenLoop;
using bench::PieceDelays;
using bench::WithSpread;

constexpr int kConnections = 32;
constexpr double kRoundSeconds = 1.0;

// "name,dialect,address,pid": dialect is ollama, openai, grpc (the lean client) or grpc-c++ (gRPC's
// own client).
struct Way {
  std::string name;
  std::string dialect;
  std::string address;
  pid_t process = 0;

  std::unique_ptr<Target> Make(const LoadQuestion& question) const {
    if (dialect == "grpc") return MakeLeanGrpcTarget(address, question, kConnections);
    if (dialect == "grpc-c++") return MakeGrpcTarget(address, question, kConnections);
    return MakeHttpTarget(
        address, dialect == "ollama" ? HttpDialect::kOllama : HttpDialect::kOpenAi, question);
  }
};

Way ParseWay(const std::string& text) {
  const std::vector<std::string> parts = CLI::detail::split(text, ',');
  if (parts.size() != 4)
    throw CLI::ValidationError("--way", text + " is not name,dialect,address,pid");
  return {parts[0], parts[1], parts[2], static_cast<pid_t>(std::stol(parts[3]))};
}

void UnaryTable(const std::string& title, const std::vector<Way>& ways,
                const LoadQuestion& question, int rounds,
                const std::function<Latencies(Target&)>& measure) {
  struct Samples {
    std::vector<double> p50, p99, added_p50, added_p99, rate, cpu, mib;
    int64_t failed = 0;
  };
  std::vector<Samples> all(ways.size());
  std::vector<std::unique_ptr<Target>> targets;
  for (const Way& way : ways) {
    targets.push_back(way.Make(question));
    ClosedLoop(*targets.back(), 8, 0.3);  // Connections, allocator, branch predictors.
  }
  for (int round = 0; round < rounds; ++round) {
    Latencies first;
    for (size_t i = 0; i < ways.size(); ++i) {
      const double cpu_before = CpuSeconds(ways[i].process);
      Latencies found = measure(*targets[i]);
      const double cpu = CpuSeconds(ways[i].process) - cpu_before;
      Samples& samples = all[i];
      samples.failed += found.failed;
      if (found.ms.empty()) continue;
      samples.p50.push_back(found.At(0.5));
      samples.p99.push_back(found.At(0.99));
      samples.rate.push_back(found.PerSecond());
      samples.cpu.push_back(1000 * cpu / static_cast<double>(found.ms.size()));
      samples.mib.push_back(ResidentMib(ways[i].process));
      if (i == 0) first = std::move(found);
      if (i == 0 || first.ms.empty()) continue;
      samples.added_p50.push_back(samples.p50.back() - first.At(0.5));
      samples.added_p99.push_back(samples.p99.back() - first.At(0.99));
    }
  }
  fmt::print(
      "\n{}; {} rounds in turns; milliseconds; medians [lowest, highest round].\n\n"
      "| way | p50 | p99 | added p50 | added p99 | requests/s | CPU s per 1,000 | MiB | failed |\n"
      "|---|---|---|---|---|---|---|---|---|\n",
      title, rounds);
  for (size_t i = 0; i < ways.size(); ++i) {
    const Samples& s = all[i];
    fmt::print("| {} | {:.3f} | {:.3f} | {} | {} | {:.0f} | {} | {:.0f} | {} |\n", ways[i].name,
               Median(s.p50), Median(s.p99), i == 0 ? "" : WithSpread(s.added_p50),
               i == 0 ? "" : WithSpread(s.added_p99), Median(s.rate), WithSpread(s.cpu, 2),
               Median(s.mib), s.failed);
  }
  std::fflush(stdout);
}

void PieceTable(const std::vector<Way>& ways, int rounds, int streams) {
  const LoadQuestion question{.prompt = "{{sim: tokens=100 rate=50 stamp=1}}", .stream = true};
  std::vector<std::vector<double>> p50(ways.size()), p99(ways.size()), cpu(ways.size());
  std::vector<int64_t> pieces(ways.size()), failed(ways.size());
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < ways.size(); ++i) {
      const auto target = ways[i].Make(question);
      const double cpu_before = CpuSeconds(ways[i].process);
      const Latencies found = PieceDelays(*target, streams);
      cpu[i].push_back(1e6 * (CpuSeconds(ways[i].process) - cpu_before) /
                       static_cast<double>(std::max<size_t>(found.ms.size(), 1)));
      p50[i].push_back(found.At(0.5));
      p99[i].push_back(found.At(0.99));
      pieces[i] += static_cast<int64_t>(found.ms.size());
      failed[i] += found.failed;
    }
  }
  fmt::print(
      "\n{} streams of 50 tokens/s, from the engine's write of a token to its arrival at the "
      "caller; {} rounds of 2 s in turns; milliseconds; medians [lowest, highest round].\n\n"
      "| way | p50 | p99 | added p50 | added p99 | pieces per token | CPU us a piece | failed |\n"
      "|---|---|---|---|---|---|---|---|\n",
      streams, rounds);
  for (size_t i = 0; i < ways.size(); ++i) {
    fmt::print("| {} | {} | {} | {:.3f} | {:.3f} | {:.2f} | {} | {} |\n", ways[i].name,
               WithSpread(p50[i]), WithSpread(p99[i]), Median(p50[i]) - Median(p50[0]),
               Median(p99[i]) - Median(p99[0]),
               static_cast<double>(pieces[i]) / (100.0 * streams * rounds), WithSpread(cpu[i], 0),
               failed[i]);
  }
  std::fflush(stdout);
}

// Resident memory of a way: idle, and with `streams` answers under way.
void MemoryTable(const std::vector<Way>& ways, int streams) {
  fmt::print("\n| way | MiB now | MiB with {} open streams | failed |\n|---|---|---|---|\n",
             streams);
  for (const Way& way : ways) {
    const double before = ResidentMib(way.process);
    const auto target = way.Make({.prompt = "{{sim: tokens=8 rate=2}}", .stream = true});
    std::atomic<int> open = streams, begun = 0, failed = 0;
    for (int i = 0; i < streams; ++i) {
      auto first = std::make_shared<std::atomic<bool>>(true);
      target->Send({.on_piece =
                        [&, first](std::string_view) {
                          if (first->exchange(false)) ++begun;
                        },
                    .on_done =
                        [&](bool ok) {
                          if (!ok) ++failed;
                          --open;
                        }});
    }
    double most = before;
    while (open > 0) {
      most = std::max(most, ResidentMib(way.process));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    fmt::print("| {} | {:.0f} | {:.0f} | {} |\n", way.name, before, most, failed.load());
    std::fflush(stdout);
  }
}

// One request after a silence, again and again: what an idle way has to wake.
void PauseTable(const std::vector<Way>& ways, int rounds) {
  const int samples = 8 * rounds;
  std::vector<Latencies> found(ways.size());
  std::vector<std::thread> clients;
  for (size_t i = 0; i < ways.size(); ++i) {
    clients.emplace_back([&, i] {
      const auto target = ways[i].Make({.prompt = "hello {{sim: tokens=1}}"});
      for (int sample = 0; sample < samples; ++sample) {
        // Evenly over 1 to 2.1 s, whatever beats a way may have inside.
        std::this_thread::sleep_for(std::chrono::milliseconds(1000 + 1100 * sample / samples));
        const Latencies one = OpenLoop(*target, 1000, 0.001);
        found[i].ms.insert(found[i].ms.end(), one.ms.begin(), one.ms.end());
        found[i].failed += one.failed;
      }
      std::sort(found[i].ms.begin(), found[i].ms.end());
    });
  }
  for (std::thread& client : clients) client.join();
  fmt::print(
      "\nOne request after a pause of 1 to 2.1 s; {} requests each; milliseconds.\n\n"
      "| way | p50 | p90 | highest | failed |\n|---|---|---|---|---|\n",
      samples);
  for (size_t i = 0; i < ways.size(); ++i) {
    fmt::print("| {} | {:.2f} | {:.2f} | {:.2f} | {} |\n", ways[i].name, found[i].At(0.5),
               found[i].At(0.9), found[i].At(1), found[i].failed);
  }
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  CLI::App app{"Several ways to one engine, side by side; see gateways.py", "gateway_benchmark"};
  std::vector<std::string> texts;
  std::vector<std::string> tables = {"open", "closed", "picture", "pieces", "memory", "pause"};
  int rounds = 5;
  double rate = 3000;
  app.add_option("--way", texts, "name,dialect,address,pid; the engine itself first")->required();
  app.add_option("--rounds", rounds)->capture_default_str()->check(CLI::Range(1, 100));
  app.add_option("--rate", rate, "requests per second of the open loop")->capture_default_str();
  app.add_option("--tables", tables)->delimiter(',')->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  InitLogging({.service = "benchmark", .level = LogLevel::kError, .format = LogFormat::kText});
  std::vector<Way> ways;
  for (const std::string& text : texts) ways.push_back(ParseWay(text));
  const auto wants = [&](const char* table) {
    return std::find(tables.begin(), tables.end(), table) != tables.end();
  };
  const LoadQuestion text{.prompt = "hello {{sim: tokens=1}}"};
  if (wants("open")) {
    UnaryTable(fmt::format("Unary text, open loop, {:.0f}/s, {} connections", rate, kConnections),
               ways, text, rounds,
               [&](Target& target) { return OpenLoop(target, rate, kRoundSeconds); });
  }
  if (wants("closed")) {
    UnaryTable("Unary text, closed loop, 32 clients", ways, text, rounds,
               [](Target& target) { return ClosedLoop(target, kConnections, kRoundSeconds); });
    UnaryTable("Unary text, closed loop, 1 client", ways, text, rounds,
               [](Target& target) { return ClosedLoop(target, 1, kRoundSeconds); });
  }
  if (wants("picture")) {
    LoadQuestion picture = text;
    picture.picture = EncodeJpeg(DrawPhoto(768, 768), {.quality = 93});
    UnaryTable(fmt::format("Unary, a prepared picture of {} KiB, closed loop, 1 client",
                           picture.picture.size() >> 10),
               ways, picture, rounds,
               [](Target& target) { return ClosedLoop(target, 1, kRoundSeconds); });
  }
  if (wants("pieces")) PieceTable(ways, rounds, 200);
  if (wants("pause")) PauseTable(ways, rounds);
  if (wants("memory")) MemoryTable(ways, 1000);
  return 0;
}

}  // namespace
}  // namespace tessera::testing

int main(int argc, char** argv) { return tessera::testing::Main(argc, argv); }
