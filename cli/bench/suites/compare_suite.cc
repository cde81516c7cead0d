// SPDX-License-Identifier: Apache-2.0
//
// Two models or two ways to run one, on the same inputs, side by side: speed, agreement, memory.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/bench/ask/ollama_asker.h"
#include "cli/bench/ask/prompts.h"
#include "cli/bench/ask/tessera_asker.h"
#include "cli/bench/pictures/scenes.h"
#include "cli/bench/run/configuration.h"
#include "cli/bench/run/engine_process.h"
#include "cli/bench/statistics/distribution.h"
#include "cli/bench/statistics/proportion.h"
#include "cli/bench/statistics/similarity.h"
#include "cli/bench/statistics/stopping_rule.h"
#include "cli/bench/suites/suite.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::bench {
namespace {

constexpr absl::Duration kLongestAnswer = absl::Minutes(10);
// An engine is started anew for each block, which costs seconds.
constexpr size_t kBlock = 6;
constexpr int kMostFailures = 6;
constexpr char kSpeed[] = "speed";
constexpr char kThroughput[] = "tokens/s, whole request";
constexpr char kEngine[] = "tokens/s, engine's counters";
constexpr char kTotal[] = "total";
constexpr char kFirst[] = "first token";
constexpr char kFailed[] = "failed";
constexpr char kLabelSchema[] =
    R"({"type":"object","properties":{"label":{"enum":["document","photo","chart","shape"]}},)"
    R"("required":["label"]})";
constexpr char kJsonSchema[] =
    R"({"type":"object","properties":{"colour":{"type":"string"},"count":{"type":"integer"},)"
    R"("place":{"type":"string"}},"required":["colour","count","place"]})";

enum class Kind { kText, kLabel, kJson };

struct Input {
  Kind kind;
  Question question;
};

// Texts, pictures and JSON in turn; every number is another input.
Input MakeInput(size_t number, const std::vector<Kind>& kinds, uint32_t max_tokens) {
  Input input{kinds[number % kinds.size()], {.max_tokens = max_tokens}};
  switch (input.kind) {
    case Kind::kText:
      input.question.prompt = MakePrompt(30, 5000 + number);
      break;
    case Kind::kLabel:
      input.question.prompt =
          "What kind of picture is this? Options: document, photo, chart, shape. Answer as JSON.";
      input.question.pictures = {EncodePicture(
          DrawScene(kKinds[number / kinds.size() % kKinds.size()], 640, 7000 + number),
          FileFormat::kJpeg)};
      input.question.json_schema = kLabelSchema;
      break;
    case Kind::kJson:
      input.question.prompt = MakePrompt(12, 9000 + number) +
                              " Then name a colour, a count and a place from it as JSON.";
      input.question.json_schema = kJsonSchema;
      break;
  }
  return input;
}

class CompareSuite : public Suite {
 public:
  CLI::App* Declare(CLI::App& bench) override {
    CLI::App* const app =
        bench.add_subcommand("compare", "Two models or configurations, on the same inputs");
    app->add_option("A", names_[0], "MODEL or MODEL@SETTINGS")->required();
    app->add_option("B", names_[1], "MODEL or MODEL@SETTINGS")->required();
    app->add_option("--most-pairs", most_pairs_, "Give up undecided after so many inputs")
        ->check(CLI::Range(2, 100'000))
        ->capture_default_str();
    app->add_option("--margin", margin_, "A smaller difference in speed counts as none")
        ->check(CLI::Range(0.001, 1.0))
        ->capture_default_str();
    app->add_option("--max-tokens", max_tokens_, "Tokens per answer")->capture_default_str();
    app->add_option("--temperature", temperature_,
                    "0 asks for the likeliest answers, so that agreement means something")
        ->check(CLI::Range(0.0, 2.0))
        ->capture_default_str();
    app->add_flag("--texts-only", texts_only_, "No pictures and no JSON");
    app->add_option("--ollama-binary", engine_.binary,
                    "Ollama to start where a setting needs an engine of its own")
        ->capture_default_str();
    app->add_option("--ollama-models", engine_.models, "That engine's folder of models")
        ->type_name("DIR");
    app->footer(
        "Examples:\n"
        "  tessera bench compare llama3.2:3b-instruct-q8_0 llama3.2:3b-instruct-q4_K_M\n"
        "  tessera bench compare qwen3-vl:4b@kv=f16 qwen3-vl:4b@kv=q8_0\n"
        "  tessera bench compare m@flash_attention=1 m@flash_attention=0 --texts-only\n"
        "\n"
        "Settings: kv=f16|q8_0|q4_0, flash_attention=0|1, parallel=N (an engine is started for "
        "each),\n"
        "num_ctx=N (asked of the engine at --ollama-url). It stops after 6, 12, 24 ... pairs as "
        "soon\n"
        "as the difference is sure, with 5 % for all looks together.");
    return app;
  }

  absl::Status Run(Bench& bench, SuiteRecord& record) override;

 private:
  struct Side {
    Configuration configuration;
    std::map<size_t, Answer> answers;  // By input.
    uint64_t vram_bytes = 0;
    uint64_t bytes = 0;
  };

  absl::StatusOr<std::unique_ptr<Asker>> Connect(Bench& bench, const Side& side,
                                                 const std::unique_ptr<EngineProcess>& engine,
                                                 std::string& url) const;
  absl::Status RunBlock(Bench& bench, SuiteRecord& record, Side& side, size_t begin, size_t end);
  absl::Status AskOne(Bench& bench, SuiteRecord& record, Side& side, Asker& asker, size_t number);
  void NoteMemory(Side& side, const std::string& url) const;
  std::vector<std::pair<double, double>> SpeedPairs(const SuiteRecord& record) const {
    return record.Pairs(sides_[0].configuration.text, sides_[1].configuration.text, kSpeed);
  }
  void Conclude(SuiteRecord& record, const StoppingRule::Decision& decision) const;

  std::array<std::string, 2> names_;
  size_t most_pairs_ = 48;
  double margin_ = 0.03;
  uint32_t max_tokens_ = 64;
  double temperature_ = 0;
  bool texts_only_ = false;
  int failures_ = 0;
  EngineSetup engine_{.binary = "ollama"};
  std::array<Side, 2> sides_;
  std::vector<Kind> kinds_ = {Kind::kText, Kind::kLabel, Kind::kJson};
  bool own_engine_ = false;
};

absl::StatusOr<std::unique_ptr<Asker>> CompareSuite::Connect(
    Bench& bench, const Side& side, const std::unique_ptr<EngineProcess>& engine,
    std::string& url) const {
  const absl::Duration timeout = bench.session.TimeoutOr(kLongestAnswer);
  url = engine != nullptr ? engine->url() : bench.options.ollama_url;
  if (!url.empty()) return MakeOllamaAsker(url, timeout, bench.stop);
  if (side.configuration.num_ctx > 0) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                     "num_ctx is asked of the engine itself: give --ollama-url");
  }
  return MakeTesseraAsker(bench.front, timeout, bench.stop);
}

void CompareSuite::NoteMemory(Side& side, const std::string& url) const {
  if (url.empty()) return;
  const auto page = Fetch(url + "/api/ps", absl::Seconds(5));
  if (!page.ok()) return;
  const auto json = nlohmann::json::parse(*page, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("models")) return;
  for (const auto& model : json["models"]) {
    if (!model.value("name", "").starts_with(side.configuration.model)) continue;
    side.vram_bytes = model.value("size_vram", uint64_t{0});
    side.bytes = model.value("size", uint64_t{0});
  }
}

absl::Status CompareSuite::AskOne(Bench& bench, SuiteRecord& record, Side& side, Asker& asker,
                                  size_t number) {
  Input input = MakeInput(number, kinds_, max_tokens_);
  input.question.model = side.configuration.model;
  input.question.num_ctx = side.configuration.num_ctx;
  input.question.temperature = temperature_;
  input.question.seed = static_cast<uint32_t>(number + 1);
  bench.progress.Step(fmt::format("{}, input {}", side.configuration.text, number + 1));
  Answer answer = asker.Ask(input.question);
  if (!answer.status.ok()) {
    if (bench.stop.raised()) return absl::OkStatus();
    // Its pair is left out; models that loop are cut off by the engine now and then.
    record.Add(side.configuration.text, kFailed, static_cast<int>(number), 1);
    return ++failures_ >= kMostFailures ? answer.status : absl::OkStatus();
  }
  const std::string& name = side.configuration.text;
  const int round = static_cast<int>(number);
  // Free texts differ in length, answers by a schema in nothing but time.
  record.Add(name, kSpeed, round,
             input.kind == Kind::kText ? answer.Throughput() : 1 / answer.total_s);
  if (input.kind == Kind::kText) record.Add(name, kThroughput, round, answer.Throughput());
  if (const auto rate = answer.EngineRate()) record.Add(name, kEngine, round, *rate);
  if (answer.first_token_s) record.Add(name, kFirst, round, *answer.first_token_s * 1e3);
  record.Add(name, kTotal, round, answer.total_s * 1e3);
  side.answers[number] = std::move(answer);
  return absl::OkStatus();
}

absl::Status CompareSuite::RunBlock(Bench& bench, SuiteRecord& record, Side& side, size_t begin,
                                    size_t end) {
  std::unique_ptr<EngineProcess> engine;
  if (own_engine_) {
    EngineSetup setup = engine_;
    setup.environment = side.configuration.Environment();
    bench.progress.Step("starting an engine for " + side.configuration.text);
    TESSERA_ASSIGN_OR_RETURN(engine, EngineProcess::Start(setup));
  }
  std::string url;
  TESSERA_ASSIGN_OR_RETURN(const std::unique_ptr<Asker> asker, Connect(bench, side, engine, url));
  if (begin == 0 || own_engine_) {
    // Loading is not what is compared.
    const Answer warm = asker->Ask({.model = side.configuration.model,
                                    .prompt = "Hello",
                                    .max_tokens = 2,
                                    .num_ctx = side.configuration.num_ctx});
    if (!bench.stop.raised()) TESSERA_RETURN_IF_ERROR(warm.status);
    NoteMemory(side, url);
  }
  for (size_t number = begin; number < end && !bench.stop.raised(); ++number) {
    TESSERA_RETURN_IF_ERROR(AskOne(bench, record, side, *asker, number));
  }
  return absl::OkStatus();
}

absl::Status CompareSuite::Run(Bench& bench, SuiteRecord& record) {
  record.name = "compare";
  record.metrics = {
      {kSpeed, "tokens/s of texts, answers/s of others", Better::kHigher, Role::kTable},
      {kThroughput, "tokens/s", Better::kHigher, Role::kHeadline},
      {kEngine, "tokens/s", Better::kHigher, Role::kHeadline},
      {kFirst, "ms", Better::kLower, Role::kHeadline},
      {kTotal, "ms", Better::kLower, Role::kTable},
      {kFailed, "", Better::kLower, Role::kTable}};
  for (size_t i = 0; i < 2; ++i) {
    TESSERA_ASSIGN_OR_RETURN(sides_[i].configuration, ParseConfiguration(names_[i]));
    record.Declare({names_[i], names_[i], std::nullopt});
    own_engine_ |= sides_[i].configuration.NeedsOwnEngine();
  }
  if (names_[0] == names_[1]) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                     "A and B are the same; copy the model to a second name for an A/A run");
  }
  if (texts_only_) kinds_ = {Kind::kText};
  const bool by_engine = own_engine_ || !bench.options.ollama_url.empty();
  record.options["a"] = names_[0];
  record.options["b"] = names_[1];
  record.options["temperature"] = temperature_;
  record.options["asked"] = own_engine_ ? "engines started here"
                            : by_engine ? "the engine directly"
                                        : "through Tessera";
  const StoppingRule rule(most_pairs_, margin_);
  bench.progress.Begin("compare", static_cast<int>(2 * most_pairs_));
  StoppingRule::Decision decision;
  for (size_t begin = 0; begin < most_pairs_ && !decision.stop && !bench.stop.raised();) {
    const size_t end = std::min(most_pairs_, begin + (own_engine_ ? kBlock : 1));
    const size_t first = begin / (end - begin) % 2;  // A B, then B A.
    for (const size_t i : {first, 1 - first}) {
      TESSERA_RETURN_IF_ERROR(RunBlock(bench, record, sides_[i], begin, end));
    }
    begin = end;
    if (!bench.stop.raised()) decision = rule.Look(SpeedPairs(record), begin);
  }
  Conclude(record, decision);
  return absl::OkStatus();
}

void CompareSuite::Conclude(SuiteRecord& record, const StoppingRule::Decision& decision) const {
  const auto pairs = SpeedPairs(record);
  const RatioEstimate speed = decision.stop ? decision.estimate : PairedRatio(pairs);
  record.findings.push_back({.name = fmt::format("speed, {} / {}", names_[0], names_[1]),
                             .value = speed.ratio,
                             .low = speed.low,
                             .high = speed.high,
                             .text = fmt::format("{} pairs", speed.count)});
  size_t labels = 0, same_labels = 0;
  std::vector<double> fields, texts;
  for (const auto& [number, answer] : sides_[0].answers) {
    const auto other = sides_[1].answers.find(number);
    if (other == sides_[1].answers.end()) continue;
    switch (kinds_[number % kinds_.size()]) {
      case Kind::kLabel:
        ++labels;
        same_labels += JsonAgreement(answer.text, other->second.text) == 1 ? 1 : 0;
        break;
      case Kind::kJson:
        fields.push_back(JsonAgreement(answer.text, other->second.text));
        break;
      case Kind::kText:
        texts.push_back(WordSimilarity(answer.text, other->second.text));
        break;
    }
  }
  if (labels > 0) {
    const Proportion found = MakeProportion(same_labels, labels);
    record.findings.push_back({.name = "same label",
                               .value = found.share,
                               .low = found.low,
                               .high = found.high,
                               .text = fmt::format("{} of {} pictures", same_labels, labels)});
  }
  if (!fields.empty()) {
    record.findings.push_back({.name = "JSON fields that agree", .value = Describe(fields).mean});
  }
  if (!texts.empty()) {
    record.findings.push_back({.name = "words that agree", .value = Describe(texts).mean});
  }
  for (const Side& side : sides_) {
    if (side.bytes == 0) continue;
    record.findings.push_back(
        {.name = "memory of " + side.configuration.text,
         .value = static_cast<double>(side.bytes) / (1 << 20),
         .unit = "MiB",
         .better = Better::kLower,
         .text = fmt::format("{:.1f} MiB on the GPU",
                             static_cast<double>(side.vram_bytes) / (1 << 20))});
  }
  const std::string margin = fmt::format("{:.0f} %", margin_ * 100);
  std::string verdict = "undecided: " + fmt::format(
                                            "{} pairs are too few or too noisy for a margin "
                                            "of {}",
                                            pairs.size(), margin);
  if (decision.verdict == Verdict::kFirstHigher) verdict = names_[0] + " is faster";
  if (decision.verdict == Verdict::kSecondHigher) verdict = names_[1] + " is faster";
  if (decision.verdict == Verdict::kSame) verdict = "equally fast within " + margin;
  record.findings.push_back({.name = "verdict", .unit = "verdict", .text = verdict});
}

}  // namespace

std::unique_ptr<Suite> MakeCompareSuite() { return std::make_unique<CompareSuite>(); }

}  // namespace tessera::bench
