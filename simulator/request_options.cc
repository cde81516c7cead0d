// SPDX-License-Identifier: Apache-2.0
#include "simulator/request_options.h"

#include <cstdint>
#include <string_view>

#include "simulator/go_duration.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kIntegers[] = {
    "num_ctx",     "num_batch", "num_gpu", "num_thread", "main_gpu",     "draft_num_predict",
    "num_predict", "num_keep",  "seed",    "top_k",      "repeat_last_n"};
constexpr std::string_view kFloats[] = {"temperature",      "top_p",          "min_p",
                                        "typical_p",        "repeat_penalty", "presence_penalty",
                                        "frequency_penalty"};

std::string MustBe(std::string_view key, std::string_view type) {
  return Concat("option \"", key, "\" must be ", type);
}

void StoreInteger(std::string_view key, int value, GenerationRequest* request) {
  if (key == "num_ctx") request->num_ctx = value;
  if (key == "num_batch") request->num_batch = value;
  if (key == "num_gpu") request->num_gpu = value;
  if (key == "num_thread") request->num_thread = value;
  if (key == "main_gpu") request->main_gpu = value;
  if (key == "draft_num_predict") request->draft_num_predict = value;
  if (key == "num_predict") request->num_predict = value;
}

std::string ReadStop(dom::element value, GenerationRequest* request) {
  dom::array stops;
  if (value.get(stops) != simdjson::SUCCESS) {
    return MustBe("stop", "of type array");
  }
  for (const dom::element stop : stops) {
    std::string_view text;
    if (stop.get(text) != simdjson::SUCCESS) {
      return MustBe("stop", "of an array of strings");
    }
    request->stop.emplace_back(text);
  }
  return {};
}

}  // namespace

RequestError ReadKeepAlive(dom::element element, std::optional<absl::Duration>* keep_alive) {
  double seconds;
  std::string_view text;
  if (element.get(seconds) == simdjson::SUCCESS) {
    *keep_alive = KeepAliveFromSeconds(seconds);
    return {};
  }
  if (element.get(text) != simdjson::SUCCESS) {
    return element.is_null() ? RequestError() : RequestError{400, "Unsupported type: 'bool'"};
  }
  absl::Duration duration;
  std::string error;
  if (!ParseGoDuration(text, &duration, &error)) {
    return {400, error};
  }
  *keep_alive = duration < absl::ZeroDuration() ? absl::InfiniteDuration() : duration;
  return {};
}

std::string ReadOptions(dom::element options, GenerationRequest* request) {
  dom::object object;
  if (options.get(object) != simdjson::SUCCESS) {
    return "json: cannot unmarshal options";
  }
  for (const auto [key, value] : object) {
    if (value.is_null()) {
      continue;
    }
    for (const std::string_view name : kIntegers) {
      if (name != key) continue;
      double number;
      if (value.get(number) != simdjson::SUCCESS) {
        return MustBe(key, "of type integer");
      }
      StoreInteger(key, static_cast<int>(number), request);
    }
    for (const std::string_view name : kFloats) {
      double number;
      if (name == key && value.get(number) != simdjson::SUCCESS) {
        return MustBe(key, "of type float32");
      }
    }
    if (key == "use_mmap") {
      bool on;
      if (value.get(on) != simdjson::SUCCESS) {
        return MustBe(key, "of type boolean");
      }
      request->use_mmap = on;
    }
    if (key == "stop") {
      if (std::string error = ReadStop(value, request); !error.empty()) {
        return error;
      }
    }
  }
  return {};
}

}  // namespace tessera::simulator
