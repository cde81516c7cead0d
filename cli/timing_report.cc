// SPDX-License-Identifier: Apache-2.0
#include "cli/timing_report.h"

#include <fmt/format.h>

#include "cli/picture_text.h"
#include "cli/quantities.h"
#include "cli/terminal/safe_text.h"
#include "common/rpc/proto_time.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;

// What would be shown as 0.0 ms is left out.
constexpr absl::Duration kShortestStage = absl::Microseconds(50);

class Table {
 public:
  explicit Table(const Pen& pen) : pen_(pen) {}

  void Row(std::string_view group, std::string_view name, std::string_view value,
           std::string_view remark = "") {
    text_ +=
        fmt::format("{} {:<17} {:>14}", pen_(Ink::kDim, fmt::format("{:<7}", group)), name, value);
    if (!remark.empty()) text_ += "  " + pen_(Ink::kDim, SafeWord(remark));
    text_ += "\n";
  }
  void Time(std::string_view name, absl::Duration time, std::string_view remark = "") {
    Row(first_time_ ? "time" : "", name, DurationText(time), remark);
    first_time_ = false;
  }
  std::string text() const { return text_; }

 private:
  const Pen& pen_;
  std::string text_;
  bool first_time_ = true;
};

std::string NameOf(const CallReport& report, uint32_t index) {
  return index < report.picture_names.size() ? report.picture_names[index] : "";
}

void AddPictures(const CallReport& report, Table& table) {
  for (const api::ImageSummary* image : report.images) {
    absl::Duration total;
    for (const auto& stage : image->stage_times()) total += FromProto(stage.duration());
    const std::string name = NameOf(report, image->index());
    table.Time(fmt::format("picture {}", image->index() + 1), total,
               fmt::format("{}{}{} -> {}x{}, {}: {}", name, name.empty() ? "" : ", ",
                           SourceText(image->source()), image->width_px(), image->height_px(),
                           SizeText(image->size_bytes()), StagesText(image->stage_times())));
  }
}

void AddServers(const api::Timings& timings, Table& table) {
  if (timings.has_preprocess()) {
    table.Time("preprocess", FromProto(timings.preprocess()), "until the last picture was ready");
  }
  const auto add = [&](bool has, const google::protobuf::Duration& time, std::string_view name,
                       std::string_view remark) {
    if (has) table.Time(name, FromProto(time), remark);
  };
  add(timings.has_time_to_first_token(), timings.time_to_first_token(), "first token",
      "inside tessera-inference");
  add(timings.has_engine_load(), timings.engine_load(), "engine load", "engine's counter");
  add(timings.has_engine_prefill(), timings.engine_prefill(), "engine prefill", "engine's counter");
  add(timings.has_engine_decode(), timings.engine_decode(), "engine decode", "engine's counter");
  add(timings.has_engine_total(), timings.engine_total(), "engine total", "engine's counter");
  add(timings.has_total(), timings.total(), "inference total", "inside tessera-inference");
}

void AddClient(const CallReport& report, Table& table) {
  const ClientTimes& client = report.client;
  if (client.first_text) table.Time("first text", *client.first_text, "this client's clock");
  table.Time("total", client.total, "this client's clock");
  const api::Timings& timings = report.completion.timings();
  if (timings.has_engine_prefill() && timings.has_engine_decode()) {
    table.Time(
        "around the model",
        client.total - FromProto(timings.engine_prefill()) - FromProto(timings.engine_decode()),
        "total less prefill and decode");
  }
}

void AddSpeeds(const CallReport& report, Table& table) {
  const api::Usage& usage = report.completion.usage();
  table.Row("tokens", "in", fmt::to_string(usage.prompt_tokens()), "prompt and pictures");
  table.Row("", "out", fmt::to_string(usage.output_tokens()));
  std::string_view group = "speed";
  if (const auto rate = EngineTokensPerSecond(report.completion)) {
    table.Row(group, "engine's counter", fmt::format("{:.1f} tokens/s", *rate),
              "decoding only, sampling left out");
    group = "";
  }
  if (const auto rate = ClientTokensPerSecond(report.client, report.completion)) {
    table.Row(group, "client's clock", fmt::format("{:.1f} tokens/s", *rate),
              report.client.first_text ? "from the first text to the last" : "over the whole call");
  }
}

}  // namespace

std::optional<double> EngineTokensPerSecond(const api::Completion& completion) {
  const double seconds = ToSeconds(completion.timings().engine_decode());
  if (seconds <= 0 || completion.usage().output_tokens() == 0) return std::nullopt;
  return completion.usage().output_tokens() / seconds;
}

std::optional<double> ClientTokensPerSecond(const ClientTimes& client,
                                            const api::Completion& completion) {
  const uint32_t tokens = completion.usage().output_tokens();
  if (client.first_text && client.last_text) {
    const double seconds = absl::ToDoubleSeconds(*client.last_text - *client.first_text);
    if (tokens < 2 || seconds <= 0) return std::nullopt;
    // The first token is there when the clock starts.
    return (tokens - 1) / seconds;
  }
  const double seconds = absl::ToDoubleSeconds(client.total);
  if (tokens == 0 || seconds <= 0) return std::nullopt;
  return tokens / seconds;
}

std::string TimingTable(const CallReport& report, const Pen& pen) {
  Table table(pen);
  table.Time("connect", report.client.connect, "this client's clock");
  if (report.client.upload) table.Time("upload", *report.client.upload, "this client's clock");
  AddPictures(report, table);
  AddServers(report.completion.timings(), table);
  AddClient(report, table);
  AddSpeeds(report, table);
  return table.text();
}

nlohmann::ordered_json ClientDocument(const ClientTimes& client,
                                      const api::Completion& completion) {
  nlohmann::ordered_json document;
  const auto add = [&](const char* name, const std::optional<absl::Duration>& time) {
    if (time) document[name] = absl::ToDoubleSeconds(*time);
  };
  add("connectSeconds", client.connect);
  add("uploadSeconds", client.upload);
  add("firstTextSeconds", client.first_text);
  add("lastTextSeconds", client.last_text);
  add("totalSeconds", client.total);
  if (const auto rate = ClientTokensPerSecond(client, completion)) {
    document["tokensPerSecond"] = *rate;
  }
  if (const auto rate = EngineTokensPerSecond(completion)) {
    document["engineTokensPerSecond"] = *rate;
  }
  return document;
}

std::string StagesText(const google::protobuf::RepeatedPtrField<image::v1::StageTime>& stages) {
  std::string text;
  for (const auto& stage : stages) {
    const absl::Duration time = FromProto(stage.duration());
    if (time < kShortestStage) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", stage.stage(), DurationText(time));
  }
  return text.empty() ? "less than 0.1 ms each" : text;
}

}  // namespace tessera::cli
