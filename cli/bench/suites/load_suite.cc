// SPDX-License-Identifier: Apache-2.0
//
// Many requests at once: a sweep over clients that wait for their answers, and one over rates at
// which requests come whatever becomes of earlier ones; through Tessera and, where its URL is
// given, to the engine directly, step by step in turns.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "cli/bench/ask/prompts.h"
#include "cli/bench/ask/tessera_asker.h"
#include "cli/bench/load/grpc_target.h"
#include "cli/bench/load/load.h"
#include "cli/bench/load/ollama_target.h"
#include "cli/bench/pictures/scenes.h"
#include "cli/bench/statistics/load_curve.h"
#include "cli/bench/suites/picture_asker.h"
#include "cli/bench/suites/suite.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kClosed[] = "closed loop";
constexpr char kOpen[] = "open loop";
constexpr char kDirectly[] = ", directly";
constexpr char kRate[] = "answers per second";
constexpr char kLatency[] = "latency";
constexpr char kFirst[] = "first token";
constexpr char kGoodput[] = "goodput";
constexpr char kFailed[] = "failed";
constexpr char kFailedAfter[] = "failed after";
constexpr int kQuestions = 16;
constexpr double kLimitFactor = 3;
constexpr size_t kMostSamples = 2000;
constexpr int kConnections = 4;
constexpr absl::Duration kLongestAnswer = absl::Minutes(5);

// Text and picture questions in turn; hears the first piece of each answer.
class MixedTarget : public Target {
 public:
  // `make` gives the target of one question.
  using Make = std::function<absl::StatusOr<std::unique_ptr<Target>>(const LoadQuestion&)>;

  static absl::StatusOr<std::unique_ptr<MixedTarget>> Create(const std::string& text_model,
                                                             const std::string& picture_model,
                                                             double picture_share, int max_tokens,
                                                             const Make& make) {
    std::vector<std::unique_ptr<Target>> targets;
    for (int i = 0; i < kQuestions; ++i) {
      LoadQuestion question{.prompt = MakePrompt(20, 900 + static_cast<uint64_t>(i)),
                            .stream = true,
                            .model = text_model,
                            .max_tokens = max_tokens,
                            .picture_is_file = true};
      if ((i + 0.5) / kQuestions < picture_share) {
        question.prompt = "What kind of picture is this?";
        question.model = picture_model;
        question.picture =
            EncodePicture(DrawScene(kKinds[static_cast<size_t>(i) % kKinds.size()], 640, 50 + i),
                          FileFormat::kJpeg);
      }
      TESSERA_ASSIGN_OR_RETURN(std::unique_ptr<Target> target, make(question));
      targets.push_back(std::move(target));
    }
    return std::unique_ptr<MixedTarget>(new MixedTarget(std::move(targets)));
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
  explicit MixedTarget(std::vector<std::unique_ptr<Target>> targets)
      : targets_(std::move(targets)) {}

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
        "  tessera bench load --pictures 0 --ollama-url http://127.0.0.1:11434   (beside the "
        "engine)\n"
        "\n"
        "Closed loop: each client sends its next request when the last one is answered. Open "
        "loop:\n"
        "requests leave on schedule, and latency counts from the schedule, so waiting is not "
        "hidden.");
    return app;
  }

  absl::Status Run(Bench& bench, SuiteRecord& record) override;

 private:
  struct Way {
    std::string suffix;  // Of the names of its conditions; empty through Tessera.
    std::unique_ptr<MixedTarget> target;
    std::vector<LoadPoint> closed;
  };

  absl::Status Prepare(Bench& bench);
  absl::Status NameModels(Bench& bench);
  absl::Status WarmUp(Bench& bench);
  // Declares the step of every way, so that their order does not depend on whose turn it is.
  void DeclareStep(SuiteRecord& record, const char* loop, double load) const;
  static std::string StepName(const Way& way, const char* loop, double load);
  Latencies Step(Bench& bench, SuiteRecord& record, const Way& way, const char* loop, double load);
  void CompareWithEngine(SuiteRecord& record) const;
  void Conclude(SuiteRecord& record) const;

  std::vector<int> clients_ = {1, 2, 4, 8, 16};
  std::vector<double> rates_;
  double seconds_ = 5;
  double picture_share_ = 0.25;
  int max_tokens_ = 16;
  double limit_ms_ = 0;
  std::string text_model_, picture_model_;
  std::vector<Way> ways_;
};

// An engine needs names, which the deployment's defaults give.
absl::Status LoadSuite::NameModels(Bench& bench) {
  bench.progress.Step("looking up the models");
  if (picture_share_ < 1) {
    const auto asker =
        MakeTesseraAsker(bench.front, bench.session.TimeoutOr(kLongestAnswer), bench.stop);
    const Answer answer =
        asker->Ask({.model = text_model_, .prompt = MakePrompt(5, 899), .max_tokens = 2});
    TESSERA_RETURN_IF_ERROR(answer.status);
    text_model_ = answer.model;
  }
  if (picture_share_ > 0) {
    const Classified found =
        ClassifyPicture(bench, EncodePicture(DrawScene("shape", 256, 99), FileFormat::kJpeg),
                        {kKinds.begin(), kKinds.end()}, {});
    TESSERA_RETURN_IF_ERROR(found.answer.status);
    picture_model_ = found.answer.model;
  }
  return absl::OkStatus();
}

absl::Status LoadSuite::Prepare(Bench& bench) {
  text_model_ = picture_model_ = bench.options.model;
  const std::string address = bench.front.address, url = bench.options.ollama_url;
  TESSERA_ASSIGN_OR_RETURN(
      auto through, MixedTarget::Create(text_model_, picture_model_, picture_share_, max_tokens_,
                                        [&](const LoadQuestion& question) {
                                          return MakeGrpcTarget(address, question, kConnections);
                                        }));
  ways_.push_back({"", std::move(through), {}});
  if (url.empty()) return absl::OkStatus();
  TESSERA_RETURN_IF_ERROR(NameModels(bench));
  const absl::Duration timeout = bench.session.TimeoutOr(kLongestAnswer);
  TESSERA_ASSIGN_OR_RETURN(
      auto directly, MixedTarget::Create(text_model_, picture_model_, picture_share_, max_tokens_,
                                         [&](const LoadQuestion& question) {
                                           return MakeOllamaTarget(url, question, timeout);
                                         }));
  ways_.push_back({kDirectly, std::move(directly), {}});
  return absl::OkStatus();
}

absl::Status LoadSuite::WarmUp(Bench& bench) {
  bench.progress.Step("warming up");
  for (const Way& way : ways_) {
    const Latencies warm = ClosedLoop(*way.target, 1, std::min(1.0, seconds_),
                                      [&bench] { return bench.stop.raised(); });
    way.target->TakeFirstTokens();
    if (!warm.ms.empty() || bench.stop.raised()) continue;
    return MakeError(absl::StatusCode::kUnavailable, "ENGINE_FAILED",
                     fmt::format("no request of the warm-up{} was answered; `tessera bench "
                                 "functional` says why",
                                 way.suffix));
  }
  return absl::OkStatus();
}

std::string LoadSuite::StepName(const Way& way, const char* loop, double load) {
  return (loop == kClosed ? fmt::format("{:.0f} client{}", load, load == 1 ? "" : "s")
                          : fmt::format("{:.2f} requests/s", load)) +
         way.suffix;
}

void LoadSuite::DeclareStep(SuiteRecord& record, const char* loop, double load) const {
  for (const Way& way : ways_) record.Declare({StepName(way, loop, load), loop + way.suffix, load});
}

Latencies LoadSuite::Step(Bench& bench, SuiteRecord& record, const Way& way, const char* loop,
                          double load) {
  MixedTarget& target = *way.target;
  const bool is_closed = loop == kClosed;
  const std::string name = StepName(way, loop, load);
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
  add(kFailedAfter, found.failed_ms);
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
                    {kFailed, "", Better::kLower, Role::kTable},
                    {kFailedAfter, "ms", Better::kNeither, Role::kTable}};
  record.options["secondsPerStep"] = seconds_;
  record.options["pictureShare"] = picture_share_;
  record.options["maxTokens"] = max_tokens_;
  const size_t ways = bench.options.ollama_url.empty() ? 1 : 2;
  bench.progress.Begin("load", static_cast<int>(2 + ways * (clients_.size() +
                                                            (rates_.empty() ? 4 : rates_.size()))));
  TESSERA_RETURN_IF_ERROR(Prepare(bench));
  TESSERA_RETURN_IF_ERROR(WarmUp(bench));
  if (!text_model_.empty()) record.options["model"] = text_model_;
  // The way that begins changes from step to step.
  size_t turn = 0;
  const auto each_way = [&](const std::function<void(Way&)>& step) {
    for (size_t i = 0; i < ways_.size(); ++i) {
      if (!bench.stop.raised()) step(ways_[(turn + i) % ways_.size()]);
    }
    ++turn;
  };
  for (const int clients : clients_) {
    DeclareStep(record, kClosed, clients);
    each_way([&](Way& way) {
      const Latencies found = Step(bench, record, way, kClosed, clients);
      if (bench.stop.raised()) return;
      way.closed.push_back({static_cast<double>(clients), found.PerSecond(), found.At(0.5) / 1e3});
    });
  }
  if (rates_.empty()) {
    double best = 0;
    for (const LoadPoint& point : ways_[0].closed) best = std::max(best, point.per_second);
    for (const double share : {0.5, 0.8, 1.0, 1.2}) {
      if (best > 0) rates_.push_back(best * share);
    }
  }
  for (const double rate : rates_) {
    DeclareStep(record, kOpen, rate);
    each_way([&](Way& way) { Step(bench, record, way, kOpen, rate); });
  }
  record.options["limitMs"] = limit_ms_;
  Conclude(record);
  CompareWithEngine(record);
  return absl::OkStatus();
}

void LoadSuite::CompareWithEngine(SuiteRecord& record) const {
  if (ways_.size() < 2) return;
  const size_t steps = std::min(ways_[0].closed.size(), ways_[1].closed.size());
  for (size_t i = 0; i < steps; ++i) {
    const LoadPoint &through = ways_[0].closed[i], &directly = ways_[1].closed[i];
    if (directly.per_second <= 0) continue;
    record.findings.push_back(
        {.name = fmt::format("answers/s with {}, through Tessera / directly",
                             StepName(ways_[0], kClosed, through.load)),
         .value = through.per_second / directly.per_second,
         .text =
             fmt::format("{:.2f} and {:.2f}; median latency {:.0f} and {:.0f} ms; one step each",
                         through.per_second, directly.per_second, through.latency_s * 1e3,
                         directly.latency_s * 1e3)});
  }
}

void LoadSuite::Conclude(SuiteRecord& record) const {
  const std::vector<LoadPoint>& closed = ways_[0].closed;
  if (closed.empty()) return;
  const LoadPoint& knee = closed[Knee(closed)];
  record.findings.push_back({.name = "knee of the closed loop",
                             .value = knee.load,
                             .unit = "clients",
                             .text = fmt::format("{:.2f} answers/s at {:.0f} ms; more clients "
                                                 "mostly wait",
                                                 knee.per_second, knee.latency_s * 1e3)});
  double best = 0, offered = 0;
  for (const Condition& condition : record.conditions) {
    if (condition.name.ends_with(kDirectly)) continue;
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
