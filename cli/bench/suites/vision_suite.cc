// SPDX-License-Identifier: Apache-2.0
//
// Pictures of known kinds at several sizes and in several formats: time by stage, and whether the
// model is right. On a folder of the user's own, only the latter.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/bench/ask/ollama_asker.h"
#include "cli/bench/ask/tessera_asker.h"
#include "cli/bench/pictures/scenes.h"
#include "cli/bench/statistics/distribution.h"
#include "cli/bench/statistics/proportion.h"
#include "cli/bench/statistics/ratio.h"
#include "cli/bench/suites/picture_asker.h"
#include "cli/bench/suites/suite.h"
#include "cli/local_file.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kUsualRuns = 2;
constexpr int kMostFailures = 3;
constexpr size_t kMostFiles = 2000;
constexpr uint32_t kOriginal = 4096;  // The largest side that may be asked for.

constexpr char kTotal[] = "total";
constexpr char kPreprocess[] = "preprocess";
constexpr char kQueue[] = "queue";
constexpr char kLoad[] = "load";
constexpr char kPrefill[] = "prefill";
constexpr char kDecode[] = "decode";
constexpr char kAroundModel[] = "engine, around the model";
constexpr char kTransfer[] = "transfer and services";
constexpr char kFirst[] = "first token";
constexpr char kPromptTokens[] = "prompt tokens";
constexpr char kBytes[] = "prepared picture";
constexpr char kCorrect[] = "right";
// The file as it is, sent to the engine by its own interface.
constexpr char kDirect[] = "directly, JPEG";
// What it is compared with: the size that the front door makes when nobody asks for another.
constexpr char kUsual[] = "768 px, JPEG";
constexpr absl::Duration kLongestAnswer = absl::Minutes(5);

struct Size {
  std::string name;
  image::v1::ImageOptions options;
};

class VisionSuite : public Suite {
 public:
  CLI::App* Declare(CLI::App& bench) override {
    CLI::App* const app =
        bench.add_subcommand("vision", "Pictures: time by stage, prompt tokens, and accuracy");
    app->add_option("--side", side_px_, "Longest side of the pictures that are drawn, in pixels")
        ->check(CLI::Range(64, 8192))
        ->capture_default_str();
    app->add_option("--sizes", sizes_, "Sizes for the model: pixels, original, engine-fit")
        ->delimiter(',');
    app->add_option("--formats", formats_, "Formats of the pictures that are drawn")
        ->delimiter(',')
        ->transform(CLI::IsMember({"JPEG", "PNG", "WEBP", "TIFF"}, CLI::ignore_case));
    app->add_option("--describe", describe_tokens_,
                    "Ask for a description of so many tokens instead of a label: speed alone")
        ->check(CLI::Range(2, 65536));
    app->add_flag("--full", full_, "Every size in every format, not just at 768 px");
    app->add_option("--folder", folder_,
                    "Your own pictures instead: sub-folders are the labels, files belong to them")
        ->type_name("DIR");
    app->footer(
        "Examples:\n"
        "  tessera bench vision\n"
        "  tessera bench vision --sizes 512,768,original --runs 5\n"
        "  tessera bench vision --side 4032 --ollama-url http://127.0.0.1:11434   (untouched, "
        "too)\n"
        "  tessera bench vision --folder ~/labelled       (labelled/invoice/1.jpg, ...)\n"
        "\n"
        "The pictures are drawn by this program: documents, photos, charts and shapes whose kind "
        "is\n"
        "known. `around the model` is the engine's own decoding and resizing.");
    return app;
  }

  absl::Status Run(Bench& bench, SuiteRecord& record) override;

 private:
  absl::Status RunDrawn(Bench& bench, SuiteRecord& record);
  absl::Status RunFolder(Bench& bench, SuiteRecord& record);
  absl::StatusOr<std::vector<Size>> Sizes() const;
  Classified AskThrough(Bench& bench, const std::string& picture, const Size& size, int round);
  // The same question to the engine itself, with the file as it is.
  Classified AskDirectly(const std::string& picture, int round);
  Question Description(const std::string& picture, int round) const;
  void CompareWithUntouched(SuiteRecord& record) const;
  // Asks, and records everything under `condition`.
  absl::Status Measure(Bench& bench, SuiteRecord& record, const std::string& condition, int round,
                       const std::string& picture, const std::string& truth, const Size& size);
  absl::Status Take(Bench& bench, SuiteRecord& record, const std::string& condition, int round,
                    const Classified& found, const std::string& truth);

  int side_px_ = 2048;
  std::vector<std::string> sizes_ = {"224", "512", "768", "1024", "original", "engine-fit"};
  std::vector<std::string> formats_ = {"JPEG", "PNG", "WEBP", "TIFF"};
  uint32_t describe_tokens_ = 0;  // 0: labels are asked for.
  bool full_ = false;
  std::string folder_;
  std::vector<std::string> labels_;
  std::string model_;
  std::unique_ptr<Asker> through_;
  std::unique_ptr<Asker> direct_;  // Null: the engine is not asked.
  int failures_ = 0;
  std::map<std::pair<std::string, std::string>, int> confusions_;  // Truth and answer.
  std::map<std::string, std::pair<size_t, size_t>> right_;         // By truth: of how many.
};

absl::StatusOr<std::vector<Size>> VisionSuite::Sizes() const {
  std::vector<Size> sizes;
  for (const std::string& name : sizes_) {
    Size size{.name = name};
    if (name == "original") {
      size.options.set_max_side_px(kOriginal);
    } else if (name == "engine-fit") {
      size.options.mutable_engine_fit()->set_engine(image::v1::ENGINE_OLLAMA_LEGACY);
    } else {
      const int side = std::atoi(name.c_str());
      if (side < 32 || side > static_cast<int>(kOriginal)) {
        return MakeError(
            absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
            fmt::format("--sizes {}: must be 32 to 4096, original or engine-fit", name));
      }
      size.options.set_max_side_px(static_cast<uint32_t>(side));
      size.name += " px";
    }
    sizes.push_back(std::move(size));
  }
  return sizes;
}

absl::Status VisionSuite::Measure(Bench& bench, SuiteRecord& record, const std::string& condition,
                                  int round, const std::string& picture, const std::string& truth,
                                  const Size& size) {
  return Take(bench, record, condition, round, AskThrough(bench, picture, size, round), truth);
}

// Sampled, as descriptions are; the seed is the round's.
Question VisionSuite::Description(const std::string& picture, int round) const {
  return {.model = model_,
          .prompt = "Describe this picture.",
          .pictures = {picture},
          .max_tokens = describe_tokens_,
          .temperature = 0.8,
          .seed = static_cast<uint32_t>(round + 1)};
}

Classified VisionSuite::AskThrough(Bench& bench, const std::string& picture, const Size& size,
                                   int round) {
  if (describe_tokens_ == 0) return ClassifyPicture(bench, picture, labels_, size.options);
  Question question = Description(picture, round);
  question.image_options = size.options;
  Classified found;
  found.answer = through_->Ask(question);
  return found;
}

Classified VisionSuite::AskDirectly(const std::string& picture, int round) {
  if (describe_tokens_ > 0) {
    Classified described;
    described.answer = direct_->Ask(Description(picture, round));
    described.answer.picture_bytes = picture.size();
    return described;
  }
  const nlohmann::json schema = {
      {"type", "object"},
      {"properties", {{"label", {{"type", "string"}, {"enum", labels_}}}}},
      {"required", {"label"}}};
  Classified found;
  found.answer = direct_->Ask({.model = model_,
                               .prompt = fmt::format("What kind of picture is this? Options: {}. "
                                                     "Answer as JSON.",
                                                     fmt::join(labels_, ", ")),
                               .pictures = {picture},
                               .json_schema = schema.dump()});
  const auto json = nlohmann::json::parse(found.answer.text, nullptr, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("label") && json["label"].is_string()) {
    found.label = json["label"];
  }
  found.answer.picture_bytes = picture.size();
  return found;
}

absl::Status VisionSuite::Take(Bench& bench, SuiteRecord& record, const std::string& condition,
                               int round, const Classified& found, const std::string& truth) {
  const Answer& answer = found.answer;
  if (!answer.status.ok()) {
    if (bench.stop.raised()) return absl::OkStatus();
    record.Add(condition, "failed", round, 1);
    return ++failures_ >= kMostFailures ? answer.status : absl::OkStatus();
  }
  const double engine = answer.engine_total_s;
  const double around_model =
      std::max(0.0, engine - answer.load_s - answer.prefill_s - answer.decode_s);
  const double transfer =
      std::max(0.0, answer.total_s - answer.preprocess_s - answer.queue_s - engine);
  const std::pair<const char*, double> milliseconds[] = {
      {kTotal, answer.total_s},     {kPreprocess, answer.preprocess_s},
      {kTransfer, transfer},        {kQueue, answer.queue_s},
      {kLoad, answer.load_s},       {kAroundModel, around_model},
      {kPrefill, answer.prefill_s}, {kDecode, answer.decode_s}};
  for (const auto& [metric, seconds] : milliseconds) {
    record.Add(condition, metric, round, seconds * 1e3);
  }
  for (const auto& [stage, seconds] : answer.stages) {
    record.Add(condition, "preprocess: " + stage, round, seconds * 1e3);
  }
  record.Add(condition, kPromptTokens, round, answer.prompt_tokens);
  record.Add(condition, kBytes, round, static_cast<double>(answer.picture_bytes) / 1024);
  if (answer.first_token_s) record.Add(condition, kFirst, round, *answer.first_token_s * 1e3);
  if (describe_tokens_ > 0) return absl::OkStatus();
  const bool right = found.label == truth;
  record.Add(condition, kCorrect, round, right ? 1 : 0);
  if (condition == kDirect) return absl::OkStatus();  // Accuracy is the deployment's.
  right_[truth].first += right ? 1 : 0;
  right_[truth].second += 1;
  if (!right) ++confusions_[{truth, found.label}];
  return absl::OkStatus();
}

absl::Status VisionSuite::RunDrawn(Bench& bench, SuiteRecord& record) {
  labels_.assign(kKinds.begin(), kKinds.end());
  TESSERA_ASSIGN_OR_RETURN(const std::vector<Size> sizes, Sizes());
  const int runs = bench.options.runs > 0 ? bench.options.runs : kUsualRuns;
  record.options["drawnSidePx"] = side_px_;
  record.options["sizes"] = sizes_;
  record.options["runs"] = runs;
  if (describe_tokens_ > 0) record.options["describeTokens"] = describe_tokens_;
  struct Way {
    const Size* size;
    FileFormat format;
    std::string condition;
  };
  std::vector<Way> ways;
  for (const Size& size : sizes) {
    for (const FileFormat format : kFormats) {
      if (std::find(formats_.begin(), formats_.end(), FormatName(format)) == formats_.end()) {
        continue;
      }
      if (!full_ && format != FileFormat::kJpeg && size.options.max_side_px() != 768) continue;
      ways.push_back({&size, format, fmt::format("{}, {}", size.name, FormatName(format))});
      std::optional<double> x;
      if (size.options.has_max_side_px()) {
        x = std::min<double>(size.options.max_side_px(), side_px_);
      }
      record.Declare({ways.back().condition, std::string(FormatName(format)), x});
    }
  }
  if (!bench.options.ollama_url.empty()) {
    TESSERA_ASSIGN_OR_RETURN(
        direct_, MakeOllamaAsker(bench.options.ollama_url, bench.session.TimeoutOr(kLongestAnswer),
                                 bench.stop));
    ways.push_back({nullptr, FileFormat::kJpeg, kDirect});
    record.Declare({kDirect, "directly", side_px_});
  }
  bench.progress.Begin("vision", 1 + static_cast<int>(ways.size() * kKinds.size()) * runs);
  bench.progress.Step("warming up");
  model_ = bench.options.model;
  through_ = MakeTesseraAsker(bench.front, bench.session.TimeoutOr(kLongestAnswer), bench.stop);
  const Classified first =
      AskThrough(bench, EncodePicture(DrawScene("shape", 256, 99), FileFormat::kJpeg), Size{}, 0);
  TESSERA_RETURN_IF_ERROR(first.answer.status);
  model_ = first.answer.model;
  record.options["model"] = model_;
  for (int run = 0; run < runs; ++run) {
    for (size_t kind = 0; kind < kKinds.size(); ++kind) {
      for (const Way& way : ways) {
        if (bench.stop.raised()) return absl::OkStatus();
        bench.progress.Step(fmt::format("{}, {}", way.condition, kKinds[kind]));
        // Each way has a picture of its own: an engine keeps what it saw last.
        const uint64_t seed = static_cast<uint64_t>(run) * 1000 + (&way - ways.data());
        const std::string picture =
            EncodePicture(DrawScene(kKinds[kind], side_px_, seed), way.format);
        const int round = run * static_cast<int>(kKinds.size()) + static_cast<int>(kind);
        const std::string truth(kKinds[kind]);
        TESSERA_RETURN_IF_ERROR(
            way.size == nullptr
                ? Take(bench, record, way.condition, round, AskDirectly(picture, round), truth)
                : Measure(bench, record, way.condition, round, picture, truth, *way.size));
      }
    }
  }
  return absl::OkStatus();
}

void VisionSuite::CompareWithUntouched(SuiteRecord& record) const {
  for (const char* metric : {kTotal, kPromptTokens}) {
    const auto pairs = record.Pairs(kUsual, kDirect, metric);
    if (pairs.empty()) continue;
    const RatioEstimate found = PairedRatio(pairs);
    record.findings.push_back(
        {.name = fmt::format("through Tessera at 768 px / untouched to the engine, {}", metric),
         .value = found.ratio,
         .low = found.low,
         .high = found.high,
         .better = Better::kLower,
         .text = fmt::format("{} pairs of other pictures of one kind", found.count)});
  }
}

absl::Status VisionSuite::RunFolder(Bench& bench, SuiteRecord& record) {
  std::vector<std::pair<std::string, std::string>> files;  // Label, path.
  std::error_code error;
  for (const auto& folder : fs::directory_iterator(folder_, error)) {
    if (!folder.is_directory(error)) continue;
    labels_.push_back(folder.path().filename().string());
    for (const auto& file : fs::directory_iterator(folder.path(), error)) {
      if (file.is_regular_file(error)) files.emplace_back(labels_.back(), file.path().string());
    }
  }
  if (error || labels_.size() < 2 || files.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                     fmt::format("--folder {}: needs two sub-folders with picture files, named "
                                 "like their labels",
                                 folder_));
  }
  std::sort(labels_.begin(), labels_.end());
  std::sort(files.begin(), files.end());
  if (files.size() > kMostFiles) {
    record.notes.push_back(fmt::format("only {} of {} files were asked", kMostFiles, files.size()));
    files.resize(kMostFiles);
  }
  record.options["folder"] = fs::path(folder_).filename().string();
  record.Declare({"folder", "folder", std::nullopt});
  bench.progress.Begin("vision", static_cast<int>(files.size()));
  int round = 0;
  for (const auto& [label, path] : files) {
    if (bench.stop.raised()) break;
    bench.progress.Step(path);
    TESSERA_ASSIGN_OR_RETURN(const std::string picture, cli::ReadFile(path, cli::kMaxPictureBytes));
    TESSERA_RETURN_IF_ERROR(Measure(bench, record, "folder", round++, picture, label, Size{}));
  }
  return absl::OkStatus();
}

absl::Status VisionSuite::Run(Bench& bench, SuiteRecord& record) {
  record.name = "vision";
  record.x_name = "longest side for the model, px";
  record.metrics = {{kTotal, "ms", Better::kLower, Role::kHeadline},
                    {kPreprocess, "ms", Better::kLower, Role::kStage},
                    {kTransfer, "ms", Better::kLower, Role::kStage},
                    {kQueue, "ms", Better::kLower, Role::kStage},
                    {kLoad, "ms", Better::kLower, Role::kStage},
                    {kAroundModel, "ms", Better::kLower, Role::kStage},
                    {kPrefill, "ms", Better::kLower, Role::kStage},
                    {kDecode, "ms", Better::kLower, Role::kStage},
                    {kFirst, "ms", Better::kLower, Role::kTable},
                    {kPromptTokens, "", Better::kLower, Role::kHeadline},
                    {kBytes, "KiB", Better::kNeither, Role::kTable},
                    {kCorrect, "", Better::kHigher, Role::kTable}};
  const absl::Status status = folder_.empty() ? RunDrawn(bench, record) : RunFolder(bench, record);
  CompareWithUntouched(record);
  size_t right = 0, all = 0;
  const auto add = [&](const std::string& name, size_t hits, size_t trials) {
    const Proportion found = MakeProportion(hits, trials);
    record.findings.push_back({.name = name,
                               .value = found.share,
                               .low = found.low,
                               .high = found.high,
                               .text = fmt::format("{} of {}", hits, trials)});
  };
  for (const auto& [truth, counts] : right_) {
    add("right: " + truth, counts.first, counts.second);
    right += counts.first;
    all += counts.second;
  }
  if (all > 0) add("right: all", right, all);
  for (const auto& [pair, count] : confusions_) {
    record.notes.push_back(
        fmt::format("{} taken for {}: {} times", pair.first, pair.second, count));
  }
  return status;
}

}  // namespace

std::unique_ptr<Suite> MakeVisionSuite() { return std::make_unique<VisionSuite>(); }

}  // namespace tessera::bench
