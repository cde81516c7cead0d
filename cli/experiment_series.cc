// SPDX-License-Identifier: Apache-2.0
#include "cli/experiment_series.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace tessera::cli {
namespace {

constexpr std::string_view kPrefix = "tessera_inference_experiment_";

// The value of `name="..."`; names and models hold no quotes.
std::string Label(std::string_view labels, std::string_view name) {
  const std::string key = std::string(name) + "=\"";
  const size_t begin = labels.find(key);
  if (begin == labels.npos) return "";
  const size_t end = labels.find('"', begin + key.size());
  return std::string(labels.substr(begin + key.size(), end - begin - key.size()));
}

std::optional<double> Value(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

void Take(std::string_view metric, std::string_view labels, double value,
          std::map<std::string, ExperimentView>& views) {
  ExperimentView& view = views[Label(labels, "experiment")];
  view.name = Label(labels, "experiment");
  if (metric == "shadows_total") {
    view.shadows[Label(labels, "result")] = value;
    return;
  }
  const std::string model = Label(labels, "gen_ai_request_model");
  auto side = std::find_if(view.sides.begin(), view.sides.end(),
                           [&](const ExperimentSide& one) { return one.model == model; });
  if (side == view.sides.end()) side = view.sides.insert(side, {.model = model});
  if (metric == "requests_total") side->answered = value;
  if (metric == "failed_total") side->failed = value;
  if (metric == "seconds_total") side->seconds = value;
  if (metric == "output_tokens_total") side->output_tokens = value;
}

}  // namespace

std::vector<ExperimentView> ReadExperiments(std::string_view page) {
  std::map<std::string, ExperimentView> views;
  while (!page.empty()) {
    std::string_view line = page.substr(0, page.find('\n'));
    page.remove_prefix(std::min(line.size() + 1, page.size()));
    const size_t open = line.find('{');
    const size_t close = line.rfind('}');
    if (!line.starts_with(kPrefix) || open == line.npos || close == line.npos ||
        close + 2 > line.size()) {
      continue;
    }
    const auto value = Value(line.substr(close + 2));
    if (!value) continue;
    Take(line.substr(kPrefix.size(), open - kPrefix.size()), line.substr(open, close - open),
         *value, views);
  }
  std::vector<ExperimentView> sorted;
  for (auto& [name, view] : views) {
    std::sort(view.sides.begin(), view.sides.end(),
              [](const ExperimentSide& a, const ExperimentSide& b) { return a.model < b.model; });
    sorted.push_back(std::move(view));
  }
  return sorted;
}

}  // namespace tessera::cli
