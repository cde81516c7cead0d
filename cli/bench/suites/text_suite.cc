// SPDX-License-Identifier: Apache-2.0
//
// Texts of several lengths, through Tessera and, where its URL is given, to the engine directly, in
// turns.
#include <fmt/format.h>
#include <tessera/model/v1/model_service.grpc.pb.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "cli/bench/ask/ollama_asker.h"
#include "cli/bench/ask/prompts.h"
#include "cli/bench/ask/tessera_asker.h"
#include "cli/bench/statistics/distribution.h"
#include "cli/bench/statistics/ratio.h"
#include "cli/bench/suites/suite.h"
#include "cli/client_call.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::bench {
namespace {

constexpr char kGateway[] = "through Tessera";
constexpr char kDirect[] = "directly";
constexpr int kUsualRuns = 8;
constexpr double kGoal = 0.995;
constexpr int kShortWords = 20, kLongWords = 220;
constexpr absl::Duration kLongestAnswer = absl::Minutes(5);
constexpr absl::Duration kLongestUnload = absl::Minutes(1);
constexpr int kMostFailures = 3;
constexpr char kCold[] = "cold";

constexpr char kThroughput[] = "tokens/s, whole request";
constexpr char kClock[] = "tokens/s, client's clock";
constexpr char kEngine[] = "tokens/s, engine's counters";
constexpr char kPrefill[] = "prefill tokens/s";
constexpr char kFirst[] = "first token";
constexpr char kTotal[] = "total";
constexpr char kLoad[] = "load";
constexpr char kAround[] = "around the engine";
constexpr char kTokens[] = "answer tokens";

class TextSuite : public Suite {
 public:
  CLI::App* Declare(CLI::App& bench) override {
    CLI::App* const app =
        bench.add_subcommand("text", "Speed of answers to texts of several lengths");
    app->add_option("--lengths", lengths_, "Prompt lengths in tokens")->delimiter(',');
    app->add_option("--max-tokens", max_tokens_, "Tokens per answer")->check(CLI::Range(2, 65536));
    app->add_option("--cold", cold_runs_,
                    "So many more requests, with the model taken out of memory before each")
        ->check(CLI::Range(0, 1000))
        ->capture_default_str();
    app->footer(
        "Examples:\n"
        "  tessera bench text\n"
        "  tessera bench text --ollama-url http://127.0.0.1:11434   (the gateway's cost)\n"
        "  tessera bench text --cold 5                 (time to load; for everybody's next "
        "request)\n"
        "\n"
        "An engine's own counters leave sampling out, so both rates are told: by the client's "
        "clock\n"
        "and by the engine's counters.");
    return app;
  }

  absl::Status Run(Bench& bench, SuiteRecord& record) override;

 private:
  struct Way {
    std::string name;
    Asker* asker;
  };

  absl::Status Prepare(Bench& bench, SuiteRecord& record);
  absl::Status Measure(Bench& bench, SuiteRecord& record, const Way& way, int length, int round,
                       uint64_t number);
  absl::Status MeasureCold(Bench& bench, SuiteRecord& record);
  absl::Status TakeOutOfMemory(Bench& bench) const;
  void Conclude(SuiteRecord& record) const;
  std::string ConditionName(const std::string& way, int length) const {
    return fmt::format("{}, {} tokens", way, length);
  }

  std::vector<int> lengths_ = {100, 500, 2000};
  uint32_t max_tokens_ = 64;
  int cold_runs_ = 0;
  std::string model_;
  double words_per_token_ = 0.75;
  double tokens_around_ = 0;
  int failures_ = 0;
  std::unique_ptr<Asker> gateway_, direct_;
  std::vector<Way> ways_;
};

absl::Status TextSuite::Prepare(Bench& bench, SuiteRecord& record) {
  const absl::Duration timeout = bench.session.TimeoutOr(kLongestAnswer);
  gateway_ = MakeTesseraAsker(bench.front, timeout, bench.stop);
  ways_ = {{kGateway, gateway_.get()}};
  // The first request loads the model; then two lengths tell how many tokens a word has.
  std::vector<uint32_t> tokens;
  for (const int words : {kShortWords, kShortWords, kLongWords}) {
    bench.progress.Step("warming up");
    const Answer answer = gateway_->Ask({.model = bench.options.model,
                                         .prompt = MakePrompt(words, tokens.size() + 1),
                                         .max_tokens = 2});
    TESSERA_RETURN_IF_ERROR(answer.status);
    if (tokens.empty()) {
      record.notes.push_back(
          fmt::format("first request: {:.2f} s, of which loading {:.2f} s by the engine's count",
                      answer.total_s, answer.load_s));
    }
    tokens.push_back(answer.prompt_tokens);
    model_ = answer.model;
  }
  if (tokens[2] > tokens[1]) {
    words_per_token_ = static_cast<double>(kLongWords - kShortWords) / (tokens[2] - tokens[1]);
    tokens_around_ = tokens[1] - kShortWords / words_per_token_;
  }
  record.options["model"] = model_;
  if (bench.options.ollama_url.empty()) return absl::OkStatus();
  TESSERA_ASSIGN_OR_RETURN(direct_, MakeOllamaAsker(bench.options.ollama_url, timeout, bench.stop));
  ways_.push_back({kDirect, direct_.get()});
  return direct_->Ask({.model = model_, .prompt = MakePrompt(kShortWords, 9), .max_tokens = 2})
      .status;
}

absl::Status TextSuite::Measure(Bench& bench, SuiteRecord& record, const Way& way, int length,
                                int round, uint64_t number) {
  const std::string condition = ConditionName(way.name, length);
  bench.progress.Step(condition);
  const int words = std::max(1, static_cast<int>((length - tokens_around_) * words_per_token_));
  const Answer answer = way.asker->Ask({.model = model_,
                                        .prompt = MakePrompt(words, number),
                                        .max_tokens = max_tokens_,
                                        .temperature = 0.8,
                                        .seed = static_cast<uint32_t>(number % 1'000'000)});
  if (!answer.status.ok()) {
    if (bench.stop.raised()) return absl::OkStatus();
    record.Add(condition, "failed", round, 1);
    return ++failures_ >= kMostFailures ? answer.status : absl::OkStatus();
  }
  const auto add = [&](const char* metric, std::optional<double> value) {
    if (value) record.Add(condition, metric, round, *value);
  };
  add(kThroughput, answer.Throughput());
  add(kClock, answer.ClockRate());
  add(kEngine, answer.EngineRate());
  add(kPrefill, answer.PrefillRate());
  if (answer.first_token_s) add(kFirst, *answer.first_token_s * 1e3);
  add(kTotal, answer.total_s * 1e3);
  add(kLoad, answer.load_s * 1e3);
  add(kAround, answer.AroundEngine() * 1e3);
  add(kTokens, answer.output_tokens);
  return absl::OkStatus();
}

absl::Status TextSuite::TakeOutOfMemory(Bench& bench) const {
  model::v1::UnloadModelRequest request;
  request.set_model(model_);
  model::v1::UnloadModelResponse response;
  cli::ClientCall call(bench.session, bench.front, kLongestUnload);
  return call.ToStatus(model::v1::ModelService::NewStub(bench.front.channel)
                           ->UnloadModel(call.context(), request, &response));
}

absl::Status TextSuite::MeasureCold(Bench& bench, SuiteRecord& record) {
  for (int run = 0; run < cold_runs_ && !bench.stop.raised(); ++run) {
    bench.progress.Step(kCold);
    TESSERA_RETURN_IF_ERROR(TakeOutOfMemory(bench));
    const Answer answer =
        gateway_->Ask({.model = model_,
                       .prompt = MakePrompt(kShortWords, static_cast<uint64_t>(run) + 700'000),
                       .max_tokens = 2});
    if (bench.stop.raised()) break;
    TESSERA_RETURN_IF_ERROR(answer.status);
    if (answer.first_token_s) record.Add(kCold, kFirst, run, *answer.first_token_s * 1e3);
    record.Add(kCold, kTotal, run, answer.total_s * 1e3);
    record.Add(kCold, kLoad, run, answer.load_s * 1e3);
    record.Add(kCold, kAround, run, answer.AroundEngine() * 1e3);
  }
  const Distribution found = Describe(record.Values(kCold, kTotal));
  if (found.count > 0) {
    record.findings.push_back({.name = "first answer after the model was taken out of memory",
                               .value = found.mean,
                               .low = found.min,
                               .high = found.max,
                               .unit = "ms (mean, lowest-highest)",
                               .better = Better::kLower,
                               .text = fmt::format("n = {}", found.count)});
  }
  return absl::OkStatus();
}

absl::Status TextSuite::Run(Bench& bench, SuiteRecord& record) {
  record.name = "text";
  record.x_name = "prompt tokens";
  record.metrics = {{kThroughput, "tokens/s", Better::kHigher, Role::kTable},
                    {kClock, "tokens/s", Better::kHigher, Role::kHeadline},
                    {kEngine, "tokens/s", Better::kHigher, Role::kHeadline},
                    {kPrefill, "tokens/s", Better::kHigher, Role::kTable},
                    {kFirst, "ms", Better::kLower, Role::kHeadline},
                    {kTotal, "ms", Better::kLower, Role::kTable},
                    {kLoad, "ms", Better::kLower, Role::kTable},
                    {kAround, "ms", Better::kLower, Role::kTable},
                    {kTokens, "", Better::kNeither, Role::kTable},
                    {"failed", "", Better::kLower, Role::kTable}};
  for (const char* way : {kGateway, kDirect}) {
    for (const int length : lengths_) {
      if (way == kDirect && bench.options.ollama_url.empty()) continue;
      record.Declare({ConditionName(way, length), way, length});
    }
  }
  if (cold_runs_ > 0) record.Declare({kCold, kCold, std::nullopt});
  const int runs = bench.options.runs > 0 ? bench.options.runs : kUsualRuns;
  const bool both = !bench.options.ollama_url.empty();
  record.options["lengthsTokens"] = lengths_;
  record.options["maxTokens"] = max_tokens_;
  record.options["runs"] = runs;
  record.options["coldRuns"] = cold_runs_;
  bench.progress.Begin("text",
                       3 + cold_runs_ + runs * static_cast<int>(lengths_.size()) * (both ? 2 : 1));
  TESSERA_RETURN_IF_ERROR(Prepare(bench, record));
  // Each prompt goes both ways, and never twice in a row: the engine would not read it again. With
  // one length, two prompts take turns.
  const size_t lengths = lengths_.size();
  for (int round = 0; round < runs && !bench.stop.raised(); ++round) {
    for (size_t turn = 0; turn < ways_.size(); ++turn) {
      for (size_t i = 0; i < lengths && !bench.stop.raised(); ++i) {
        const Way& way = ways_[(turn + i + static_cast<size_t>(round)) % ways_.size()];
        // One length alone: the other way's turn comes with another prompt in between.
        const uint64_t number =
            static_cast<uint64_t>(round) * 1000 + 100 + i + (lengths == 1 ? turn * 500 : 0);
        TESSERA_RETURN_IF_ERROR(Measure(bench, record, way, lengths_[i], round, number));
      }
    }
  }
  Conclude(record);
  return MeasureCold(bench, record);
}

void TextSuite::Conclude(SuiteRecord& record) const {
  for (const Way& way : ways_) {
    for (const int length : lengths_) {
      const auto rates = record.Values(ConditionName(way.name, length), kClock);
      if (rates.empty()) continue;
      const Distribution found = Describe(rates);
      record.findings.push_back(
          {.name = fmt::format("tokens/s {}, {} tokens, by the client's clock", way.name, length),
           .value = found.mean,
           .low = found.min,
           .high = found.max,
           .unit = "tokens/s (mean, lowest-highest)"});
    }
  }
  if (ways_.size() < 2) {
    record.notes.push_back("give --ollama-url to measure the gateway's cost against the engine");
    return;
  }
  std::vector<std::pair<double, double>> rates, around, implied;
  for (const int length : lengths_) {
    const std::string gateway = ConditionName(kGateway, length);
    const std::string direct = ConditionName(kDirect, length);
    const auto append = [&](auto& all, const auto& pairs) {
      all.insert(all.end(), pairs.begin(), pairs.end());
    };
    append(rates, record.Pairs(gateway, direct, kThroughput));
    const auto of_length = record.Pairs(gateway, direct, kAround);
    append(around, of_length);
    const auto totals = record.Pairs(gateway, direct, kTotal);
    // The engine's own time is noise here: it is the same work. What is left is the difference of
    // the times around it, over the time of a direct request.
    for (size_t i = 0; i < std::min(of_length.size(), totals.size()); ++i) {
      const double added = of_length[i].first - of_length[i].second;
      implied.emplace_back(totals[i].second, totals[i].second + added);
    }
  }
  const RatioEstimate clock = PairedRatio(rates);
  record.findings.push_back({.name = "gateway / direct, tokens/s of whole requests",
                             .value = clock.ratio,
                             .low = clock.low,
                             .high = clock.high,
                             .goal = kGoal,
                             .better = Better::kHigher,
                             .text = fmt::format("{} pairs", clock.count)});
  const RatioEstimate precise = PairedRatio(implied);
  record.findings.push_back({.name = "gateway / direct, from the time around the engine",
                             .value = precise.ratio,
                             .low = precise.low,
                             .high = precise.high,
                             .goal = kGoal,
                             .better = Better::kHigher,
                             .text = "the engine's own time, which varies, is taken as equal"});
  std::vector<double> added;
  for (const auto& [gateway, direct] : around) added.push_back(gateway - direct);
  const Distribution found = Describe(added);
  record.findings.push_back({.name = "added per request, median",
                             .value = found.p50,
                             .unit = "ms",
                             .better = Better::kLower,
                             .text = fmt::format("p90 {:.2f} ms", found.p90)});
}

}  // namespace

std::unique_ptr<Suite> MakeTextSuite() { return std::make_unique<TextSuite>(); }

}  // namespace tessera::bench
