// SPDX-License-Identifier: Apache-2.0
//
// Many requests at once: a sweep over clients that wait for their answers, and one over rates at
// which requests come whatever becomes of earlier ones.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <vector>

#include "cli/bench/ask/prompts.h"
#include "cli/bench/load/grpc_target.h"
#include "cli/bench/load/load.h"
#include "cli/bench/pictures/scenes.h"
#include "cli/bench/statistics/load_curve.h"
#include "cli/bench/suites/suite.h"
#include "common/status/error.h"

namespace tessera::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kClosed[] = "closed loop";
constexpr char kOpen[] = "open loop";
constexpr char kRate[] = "answers per second";
constexpr char kLatency[] = "latency";
constexpr char kFirst[] = "first token";
constexpr char kGoodput[] = "goodput";
constexpr char kFailed[] = "failed";
constexpr int kQuestions = 16;
constexpr double kLimitFactor = 3;
constexpr size_t kMostSamples = 2000;
constexpr int kConnections = 4;

// Text and picture questions in turn; hears the first piece of each answer.
class MixedTarget : public Target {
 public:
  MixedTarget(const Bench& bench, double picture_share, int max_tokens) {
    for (int i = 0; i < kQuestions; ++i) {
      LoadQuestion question{.prompt = MakePrompt(20, 900 + static_cast<uint64_t>(i)),
                            .stream = true,
                            .model = bench.options.model,
                            .max_tokens = max_tokens,
                            .picture_is_file = true};
      if ((i + 0.5) / kQuestions < picture_share) {
        question.prompt = "What kind of picture is this?";
        question.picture =
            EncodePicture(DrawScene(kKinds[static_cast<size_t>(i) % kKinds.size()], 640, 50 + i),
                          FileFormat::kJpeg);
      }
      targets_.push_back(MakeGrpcTarget(bench.front.address, question, kConnections));
    }
  }

  void Send(Exchange exchange) override {
    // A step that has no factor in common with the number mixes pictures and texts evenly.
    const size_t turn = (next_.fetch_add(1) * 7) % targets_.size();
    exchange.on_piece = [this, begin = Clock::now(), heard = false](std::string_view) mutable {
      if (heard) return;
      heard = true;
      const std::lock_guard lock(mutex_);
      first_ms_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    };
    targets_[turn]->Send(std::move(exchange));
  }

  void CancelAll() override {
    for (const auto& target : targets_) target->CancelAll();
  }

  std::vector<double> TakeFirstTokens() {
    const std::lock_guard lock(mutex_);
    return std::exchange(first_ms_, {});
  }

 private:
  std::vector<std::unique_ptr<Target>> targets_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  std::vector<double> first_ms_;
};

class LoadSuite : public Suite {
 public:
  CLI::App* Declare(CLI::App& bench) override {
    CLI::App* const app =
        bench.add_subcommand("load", "Many clients: throughput against latency, goodput, the knee");
    app->add_option("--clients", clients_, "Clients of each closed-loop step")->delimiter(',');
    app->add_option("--rates", rates_,
                    "Requests per second of each open-loop step; by default 0.5, 0.8, 1 and 1.2 "
                    "times the best closed-loop rate")
        ->delimiter(',');
    app->add_option("--seconds", seconds_, "Length of each step")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app->add_option("--pictures", picture_share_, "Share of requests that bring a picture")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    app->add_option("--max-tokens", max_tokens_, "Tokens per answer")->capture_default_str();
    app->add_option("--limit-ms", limit_ms_,
                    "Latency that still counts as good; by default three times that of one client");
    app->footer(
        "Examples:\n"
        "  tessera bench load\n"
        "  tessera bench load --clients 1,4,16,64 --seconds 30 --pictures 0.25\n"
        "\n"
        "Closed loop: each client sends its next request when the last one is answered. Open "
        "loop:\n"
        "requests leave on schedule, and latency counts from the schedule, so waiting is not "
        "hidden.");
    return app;
  }

  absl::Status Run(Bench& bench, SuiteRecord& record) override;

 private:
  Latencies Step(Bench& bench, SuiteRecord& record, MixedTarget& target, const char* loop,
                 double load);
  void Conclude(SuiteRecord& record) const;

  std::vector<int> clients_ = {1, 2, 4, 8, 16};
  std::vector<double> rates_;
  double seconds_ = 5;
  double picture_share_ = 0.25;
  int max_tokens_ = 16;
  double limit_ms_ = 0;
  std::vector<LoadPoint> closed_;
};

Latencies LoadSuite::Step(Bench& bench, SuiteRecord& record, MixedTarget& target, const char* loop,
                          double load) {
  const bool is_closed = loop == kClosed;
  const std::string name = is_closed ? fmt::format("{:.0f} client{}", load, load == 1 ? "" : "s")
                                     : fmt::format("{:.2f} requests/s", load);
  record.Declare({name, loop, load});
  bench.progress.Step(name);
  const Stopped stopped = [&bench] { return bench.stop.raised(); };
  Latencies found = is_closed ? ClosedLoop(target, static_cast<int>(load), seconds_, stopped)
                              : OpenLoop(target, load, seconds_, stopped);
  const std::vector<double> first = target.TakeFirstTokens();
  if (stopped()) return found;
  const auto add = [&](const char* metric, const std::vector<double>& values) {
    // Evenly thinned: the file stays readable.
    const size_t step = values.size() / kMostSamples + 1;
    for (size_t i = 0; i < values.size(); i += step) {
      record.Add(name, metric, static_cast<int>(i), values[i]);
    }
  };
  if (limit_ms_ <= 0 && !found.ms.empty()) limit_ms_ = kLimitFactor * found.At(0.5);
  add(kLatency, found.ms);
  add(kFirst, first);
  record.Add(name, kRate, 0, found.PerSecond());
  record.Add(name, kGoodput, 0, Goodput(found.ms, limit_ms_, found.seconds));
  record.Add(name, kFailed, 0, static_cast<double>(found.failed));
  return found;
}

absl::Status LoadSuite::Run(Bench& bench, SuiteRecord& record) {
  record.name = "load";
  record.x_name = "clients, or requests offered per second";
  record.metrics = {{kRate, "1/s", Better::kHigher, Role::kHeadline},
                    {kGoodput, "1/s", Better::kHigher, Role::kHeadline},
                    {kLatency, "ms", Better::kLower, Role::kHeadline},
                    {kFirst, "ms", Better::kLower, Role::kTable},
                    {kFailed, "", Better::kLower, Role::kTable}};
  record.options["secondsPerStep"] = seconds_;
  record.options["pictureShare"] = picture_share_;
  record.options["maxTokens"] = max_tokens_;
  bench.progress.Begin(
      "load", 1 + static_cast<int>(clients_.size() + (rates_.empty() ? 4 : rates_.size())));
  MixedTarget target(bench, picture_share_, max_tokens_);
  bench.progress.Step("warming up");
  const Latencies warm =
      ClosedLoop(target, 1, std::min(1.0, seconds_), [&bench] { return bench.stop.raised(); });
  target.TakeFirstTokens();
  if (warm.ms.empty() && !bench.stop.raised()) {
    return MakeError(absl::StatusCode::kUnavailable, "ENGINE_FAILED",
                     "no request of the warm-up was answered; `tessera bench functional` says why");
  }
  for (const int clients : clients_) {
    if (bench.stop.raised()) break;
    const Latencies found = Step(bench, record, target, kClosed, clients);
    if (!bench.stop.raised()) {
      closed_.push_back({static_cast<double>(clients), found.PerSecond(), found.At(0.5) / 1e3});
    }
  }
  if (rates_.empty() && !closed_.empty()) {
    double best = 0;
    for (const LoadPoint& point : closed_) best = std::max(best, point.per_second);
    for (const double share : {0.5, 0.8, 1.0, 1.2}) {
      if (best > 0) rates_.push_back(best * share);
    }
  }
  for (const double rate : rates_) {
    if (!bench.stop.raised()) Step(bench, record, target, kOpen, rate);
  }
  record.options["limitMs"] = limit_ms_;
  Conclude(record);
  return absl::OkStatus();
}

void LoadSuite::Conclude(SuiteRecord& record) const {
  if (closed_.empty()) return;
  const LoadPoint& knee = closed_[Knee(closed_)];
  record.findings.push_back({.name = "knee of the closed loop",
                             .value = knee.load,
                             .unit = "clients",
                             .text = fmt::format("{:.2f} answers/s at {:.0f} ms; more clients "
                                                 "mostly wait",
                                                 knee.per_second, knee.latency_s * 1e3)});
  double best = 0, offered = 0;
  for (const Condition& condition : record.conditions) {
    for (const double goodput : record.Values(condition.name, kGoodput)) {
      if (goodput <= best) continue;
      best = goodput;
      offered = condition.x.value_or(0);
    }
  }
  record.findings.push_back({.name = fmt::format("best goodput, within {:.0f} ms", limit_ms_),
                             .value = best,
                             .unit = "answers/s",
                             .text = fmt::format("at load {:.2f}", offered)});
}

}  // namespace

std::unique_ptr<Suite> MakeLoadSuite() { return std::make_unique<LoadSuite>(); }

}  // namespace tessera::bench
