// SPDX-License-Identifier: Apache-2.0
#include "cli/size_argument.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "common/status/error.h"

namespace tessera::cli {
namespace {

constexpr std::array<std::pair<std::string_view, image::v1::Engine>, 4> kEngines = {
    {{"ollama-legacy", image::v1::ENGINE_OLLAMA_LEGACY},
     {"ollama-current", image::v1::ENGINE_OLLAMA_CURRENT},
     {"hugging-face", image::v1::ENGINE_HUGGING_FACE},
     {"llama-cpp", image::v1::ENGINE_LLAMA_CPP}}};

std::optional<uint32_t> ToNumber(std::string_view text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "a-b" at '-' to {"a", "b"}; "a" to {"a", ""}.
std::pair<std::string_view, std::string_view> Part(std::string_view text, char at) {
  const size_t place = text.find(at);
  if (place == std::string_view::npos) return {text, {}};
  return {text.substr(0, place), text.substr(place + 1)};
}

bool ReadEngine(std::string_view name, image::v1::ImageOptions& options) {
  for (const auto& [known, engine] : kEngines) {
    if (name == known) options.mutable_engine_fit()->set_engine(engine);
  }
  return options.has_engine_fit();
}

bool ReadBudget(std::string_view text, image::v1::ImageOptions& options) {
  const auto [first, second] = Part(text, '-');
  const auto low = ToNumber(first);
  const auto high = second.empty() ? low : ToNumber(second);
  if (!low || !high) return false;
  if (!second.empty()) options.mutable_token_budget()->set_min_tokens(*low);
  options.mutable_token_budget()->set_max_tokens(*high);
  return true;
}

bool ReadExact(std::string_view text, image::v1::ImageOptions& options) {
  const auto [sides, fit] = Part(text, ':');
  const auto [across, down] = Part(sides, 'x');
  const auto width = ToNumber(across);
  const auto height = ToNumber(down);
  if (!width || !height || (!fit.empty() && fit != "stretch" && fit != "letterbox")) return false;
  options.mutable_exact()->set_width_px(*width);
  options.mutable_exact()->set_height_px(*height);
  if (fit == "stretch") options.mutable_exact()->set_fit(image::v1::EXACT_FIT_STRETCH);
  return true;
}

bool Read(std::string_view text, image::v1::ImageOptions& options) {
  const auto [policy, rest] = Part(text, ':');
  if (policy == "fit-within") return rest.empty();
  if (policy == "engine-fit") return ReadEngine(rest, options);
  if (policy == "token-budget") return ReadBudget(rest, options);
  if (policy == "exact") return ReadExact(rest, options);
  return false;
}

}  // namespace

absl::Status ReadSizePolicy(std::string_view text, image::v1::ImageOptions& options) {
  if (Read(text, options)) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                   fmt::format("--size-policy '{}' is none of fit-within, "
                               "engine-fit:ollama-legacy|ollama-current|hugging-face|llama-cpp, "
                               "token-budget:MAX, token-budget:MIN-MAX, exact:WIDTHxHEIGHT and "
                               "exact:WIDTHxHEIGHT:stretch",
                               text));
}

}  // namespace tessera::cli
