// SPDX-License-Identifier: Apache-2.0
//
// Which cache type, flash attention, slots and context suit a model within a GPU's memory: what
// does not fit is ruled out by prediction, the rest is measured on engines started for it.
#include <fmt/format.h>
#include <tessera/model/v1/model_service.grpc.pb.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "cli/bench/ask/ollama_asker.h"
#include "cli/bench/ask/prompts.h"
#include "cli/bench/run/configuration.h"
#include "cli/bench/run/engine_process.h"
#include "cli/bench/run/recommendation.h"
#include "cli/bench/suites/suite.h"
#include "cli/call_error.h"
#include "cli/local_file.h"
#include "cli/quantities.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::bench {
namespace {

namespace api = model::v1;

constexpr absl::Duration kLongestAnswer = absl::Minutes(10);
constexpr int kUsualRuns = 4;
constexpr char kPredicted[] = "predicted memory";
constexpr char kContext[] = "largest num_ctx";
constexpr char kThroughput[] = "tokens/s, all slots";
constexpr char kReported[] = "reported memory";

class TuneSuite : public Suite {
 public:
  CLI::App* Declare(CLI::App& bench) override {
    CLI::App* const app = bench.add_subcommand(
        "tune", "Search num_ctx, cache type, flash attention and slots within a memory budget");
    app->add_option("MODEL", model_, "Name, as `tessera models` lists it")->required();
    app->add_option_function<std::string>(
           "--vram",
           [this](const std::string& given) {
             const auto bytes = cli::ParseSize("--vram", given);
             if (!bytes.ok()) throw CLI::ValidationError(std::string(bytes.status().message()));
             vram_bytes_ = *bytes;
           },
           "Memory that the model may take: 8GiB")
        ->required()
        ->type_name("SIZE");
    app->add_option("--min-ctx", min_context_, "Tokens of context that are needed at least")
        ->check(CLI::Range(256, 10'000'000))
        ->capture_default_str();
    app->add_option("--max-parallel", most_slots_, "Slots are tried up to here: 1, 2, 4 ...")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app->add_flag("--predict-only", predict_only_, "Start no engines: rank by prediction alone");
    app->add_option("--write", folder_, "Write Modelfile and ollama.env into this folder")
        ->type_name("DIR");
    app->add_option("--ollama-binary", engine_.binary, "Ollama to start")->capture_default_str();
    app->add_option("--ollama-models", engine_.models, "Its folder of models")->type_name("DIR");
    app->footer(
        "Examples:\n"
        "  tessera bench tune qwen3-vl:4b --vram 8GiB --predict-only\n"
        "  tessera bench tune llama3.2-custom --vram 8GiB --min-ctx 8192 --write tuned/\n"
        "\n"
        "Run it on the GPU host: an Ollama is started for each candidate and ended after it.");
    return app;
  }

  absl::Status Run(Bench& bench, SuiteRecord& record) override;

 private:
  absl::Status Predict(Bench& bench, Candidate& candidate) const;
  absl::Status Measure(Bench& bench, SuiteRecord& record, Candidate& candidate) const;
  std::vector<Candidate> Candidates() const;
  absl::Status Write(const Recommendation& recommendation) const;

  std::string model_;
  uint64_t vram_bytes_ = 0;
  uint32_t min_context_ = 4096;
  int most_slots_ = 4;
  bool predict_only_ = false;
  std::string folder_;
  EngineSetup engine_{.binary = "ollama"};
};

std::vector<Candidate> TuneSuite::Candidates() const {
  std::vector<Candidate> all;
  for (int slots = 1; slots <= most_slots_; slots *= 2) {
    for (const char* kv : {"f16", "q8_0", "q4_0"}) {
      all.push_back({.kv_type = kv, .flash_attention = true, .slots = slots});
    }
    all.push_back({.kv_type = "f16", .flash_attention = false, .slots = slots});
  }
  return all;
}

absl::Status TuneSuite::Predict(Bench& bench, Candidate& candidate) const {
  api::PredictMemoryRequest request;
  request.set_model(model_);
  request.set_context_tokens(min_context_);
  request.set_kv_cache_type(candidate.kv_type == "q8_0"   ? api::KV_CACHE_TYPE_Q8_0
                            : candidate.kv_type == "q4_0" ? api::KV_CACHE_TYPE_Q4_0
                                                          : api::KV_CACHE_TYPE_F16);
  request.set_parallel(static_cast<uint32_t>(candidate.slots));
  request.set_without_flash_attention(!candidate.flash_attention);
  request.set_gpu_memory_bytes(vram_bytes_);
  const absl::Duration timeout = absl::Seconds(30);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  api::PredictMemoryResponse response;
  const grpc::Status status =
      api::ModelService::NewStub(bench.front.channel)->PredictMemory(&context, request, &response);
  TESSERA_RETURN_IF_ERROR(
      cli::ToCallError(status, {.address = bench.front.address, .timeout = timeout}));
  candidate.fits = response.fits();
  candidate.predicted_bytes = response.use().gpu_bytes();
  candidate.largest_context = response.largest_context_tokens();
  candidate.answered_one_at_a_time = response.slots_forced_to_one();
  return absl::OkStatus();
}

// As many clients as slots, each with its own questions, one after the other.
absl::Status TuneSuite::Measure(Bench& bench, SuiteRecord& record, Candidate& candidate) const {
  EngineSetup setup = engine_;
  setup.environment = {{"OLLAMA_KV_CACHE_TYPE", candidate.kv_type},
                       {"OLLAMA_FLASH_ATTENTION", candidate.flash_attention ? "1" : "0"},
                       {"OLLAMA_NUM_PARALLEL", fmt::to_string(candidate.slots)}};
  TESSERA_ASSIGN_OR_RETURN(const auto engine, EngineProcess::Start(setup));
  TESSERA_ASSIGN_OR_RETURN(const auto asker,
                           MakeOllamaAsker(engine->url(), kLongestAnswer, bench.stop));
  Question question{.model = model_, .prompt = "Hello", .max_tokens = 2, .num_ctx = min_context_};
  TESSERA_RETURN_IF_ERROR(asker->Ask(question).status);
  if (const auto page = Fetch(engine->url() + "/api/ps", absl::Seconds(5)); page.ok()) {
    const auto json = nlohmann::json::parse(*page, nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.contains("models") && !json["models"].empty()) {
      record.Add(candidate.Name(), kReported, 0, json["models"][0].value("size", 0.0) / (1 << 20));
    }
  }
  const int runs = bench.options.runs > 0 ? bench.options.runs : kUsualRuns;
  question.max_tokens = 64;
  question.temperature = 0.8;
  for (int run = 0; run < runs && !bench.stop.raised(); ++run) {
    std::atomic<uint64_t> tokens = 0;
    std::atomic<bool> failed = false;
    const absl::Time begin = absl::Now();
    std::vector<std::thread> clients;
    for (int client = 0; client < candidate.slots; ++client) {
      clients.emplace_back([&, client] {
        Question own = question;
        own.prompt = MakePrompt(60, static_cast<uint64_t>(run * 100 + client));
        const Answer answer = asker->Ask(own);
        tokens += answer.output_tokens;
        if (!answer.status.ok()) failed = true;
      });
    }
    for (std::thread& client : clients) client.join();
    if (failed) continue;
    record.Add(candidate.Name(), kThroughput, run,
               static_cast<double>(tokens) / absl::ToDoubleSeconds(absl::Now() - begin));
  }
  candidate.rates = record.Values(candidate.Name(), kThroughput);
  return absl::OkStatus();
}

absl::Status TuneSuite::Write(const Recommendation& recommendation) const {
  TESSERA_RETURN_IF_ERROR(cli::WriteFile(folder_ + "/Modelfile", recommendation.modelfile));
  return cli::WriteFile(folder_ + "/ollama.env", recommendation.environment);
}

absl::Status TuneSuite::Run(Bench& bench, SuiteRecord& record) {
  record.name = "tune";
  record.metrics = {{kThroughput, "tokens/s", Better::kHigher, Role::kHeadline},
                    {kPredicted, "MiB", Better::kLower, Role::kTable},
                    {kReported, "MiB", Better::kLower, Role::kTable},
                    {kContext, "tokens", Better::kHigher, Role::kTable}};
  record.options["model"] = model_;
  record.options["vramBytes"] = vram_bytes_;
  record.options["minContext"] = min_context_;
  std::vector<Candidate> candidates = Candidates();
  bench.progress.Begin("tune", static_cast<int>(candidates.size()));
  std::vector<Candidate> fitting;
  bool one_at_a_time = false;
  for (Candidate& candidate : candidates) {
    TESSERA_RETURN_IF_ERROR(Predict(bench, candidate));
    // More slots are the same then.
    if (candidate.answered_one_at_a_time && candidate.slots > 1) continue;
    one_at_a_time |= candidate.answered_one_at_a_time;
    record.Declare({candidate.Name(), candidate.Name(), std::nullopt});
    record.Add(candidate.Name(), kPredicted, 0,
               static_cast<double>(candidate.predicted_bytes) / (1 << 20));
    record.Add(candidate.Name(), kContext, 0, candidate.largest_context);
    if (candidate.fits) fitting.push_back(candidate);
  }
  if (one_at_a_time) record.notes.push_back("the engine answers this model one at a time");
  if (fitting.empty()) {
    record.findings.push_back(
        {.name = "recommendation",
         .unit = "verdict",
         .text = fmt::format("nothing fits with {} tokens of context", min_context_)});
    return absl::OkStatus();
  }
  bench.progress.Begin("tune", static_cast<int>(fitting.size()));
  for (Candidate& candidate : fitting) {
    if (predict_only_ || bench.stop.raised()) break;
    bench.progress.Step(candidate.Name());
    const absl::Status status = Measure(bench, record, candidate);
    if (bench.stop.raised()) break;
    // One that an engine refuses must not end the search for the others.
    if (!status.ok()) {
      if (ReasonOf(status) == "ENGINE_NOT_STARTED") return status;
      record.notes.push_back(candidate.Name() + ": " + std::string(status.message()));
    }
  }
  const Recommendation best = Recommend(model_, vram_bytes_, min_context_, fitting);
  record.findings.push_back({.name = "recommendation", .unit = "verdict", .text = best.reason});
  return folder_.empty() ? absl::OkStatus() : Write(best);
}

}  // namespace

std::unique_ptr<Suite> MakeTuneSuite() { return std::make_unique<TuneSuite>(); }

}  // namespace tessera::bench
