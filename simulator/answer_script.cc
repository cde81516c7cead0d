// SPDX-License-Identifier: Apache-2.0
#include "simulator/answer_script.h"

#include <algorithm>
#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

constexpr std::string_view kOpen = "{{sim:";
constexpr std::string_view kClose = "}}";

// Takes the next value off `rest`: up to a blank, or what stands in quotes.
std::string TakeValue(std::string_view& rest) {
  std::string value;
  if (!ConsumePrefix(rest, "\"")) {
    const size_t end = std::min(rest.find(' '), rest.size());
    value = std::string(rest.substr(0, end));
    rest.remove_prefix(end);
    return value;
  }
  while (!rest.empty() && rest.front() != '"') {
    if (rest.front() == '\\' && rest.size() > 1) {
      rest.remove_prefix(1);
      value += rest.front() == 'n' ? '\n' : rest.front();
    } else {
      value += rest.front();
    }
    rest.remove_prefix(1);
  }
  ConsumePrefix(rest, "\"");
  return value;
}

bool SetInt(const std::string& value, std::optional<int>& field) {
  int number;
  const bool ok = ParseNumber(value, &number) && number >= 0;
  if (ok) field = number;
  return ok;
}

bool SetDouble(const std::string& value, std::optional<double>& field) {
  double number;
  const bool ok = ParseNumber(value, &number) && number >= 0;
  if (ok) field = number;
  return ok;
}

bool SetMilliseconds(const std::string& value, absl::Duration& field) {
  std::optional<double> number;
  const bool ok = SetDouble(value, number);
  if (ok) field = absl::Milliseconds(*number);
  return ok;
}

absl::Status SetField(AnswerScript& script, std::string_view key, const std::string& value) {
  bool ok = true;
  if (key == "tokens") {
    ok = SetInt(value, script.tokens);
  } else if (key == "text") {
    script.text = value;
  } else if (key == "label") {
    script.label = value;
  } else if (key == "confidence") {
    ok = SetDouble(value, script.confidence) && *script.confidence <= 1;
  } else if (key == "think") {
    ok = SetInt(value, script.think_tokens);
  } else if (key == "tool") {
    script.tool = value;
  } else if (key == "rate") {
    ok = SetDouble(value, script.rate);
  } else if (key == "prefill_rate") {
    ok = SetDouble(value, script.prefill_rate);
  } else if (key == "pause_first_ms") {
    ok = SetMilliseconds(value, script.pause_first);
  } else if (key == "pause_ms") {
    ok = SetMilliseconds(value, script.pause);
  } else if (key == "jitter_ms") {
    ok = SetMilliseconds(value, script.jitter);
  } else if (key == "done_reason") {
    script.done_reason = value;
  } else if (key == "prompt_tokens") {
    ok = SetInt(value, script.prompt_tokens);
  } else if (key == "empty_pieces") {
    ok = SetInt(value, script.empty_pieces);
  } else if (key == "stamp") {
    script.stamp = value != "0";
  } else if (key == "unknown_fields") {
    script.unknown_fields = value != "0";
  } else if (key == "wedge_on_cancel") {
    script.wedge_on_cancel = value != "0";
  } else if (key == "fault") {
    TESSERA_ASSIGN_OR_RETURN(script.fault, ParseFault(value));
  } else if (key == "gap_us") {
    ok = SetMilliseconds(value, script.segment_gap);
    script.segment_gap /= 1000;
  } else if (key == "deliver") {
    TESSERA_ASSIGN_OR_RETURN(script.delivery, ParseDelivery(value));
  } else {
    return InvalidField(key, "is no directive of the simulator");
  }
  return ok ? absl::OkStatus() : InvalidField(key, Concat("cannot be \"", value, "\""));
}

template <typename T>
void Take(std::optional<T>& field, const std::optional<T>& other) {
  if (other.has_value()) field = other;
}

void Take(absl::Duration& field, absl::Duration other) {
  if (other != absl::ZeroDuration()) field = other;
}

}  // namespace

void AnswerScript::Apply(const AnswerScript& other) {
  Take(tokens, other.tokens);
  Take(text, other.text);
  Take(label, other.label);
  Take(confidence, other.confidence);
  Take(think_tokens, other.think_tokens);
  Take(tool, other.tool);
  Take(rate, other.rate);
  Take(prefill_rate, other.prefill_rate);
  Take(pause_first, other.pause_first);
  Take(pause, other.pause);
  Take(jitter, other.jitter);
  Take(done_reason, other.done_reason);
  Take(prompt_tokens, other.prompt_tokens);
  Take(empty_pieces, other.empty_pieces);
  stamp = stamp || other.stamp;
  unknown_fields = unknown_fields || other.unknown_fields;
  wedge_on_cancel = wedge_on_cancel || other.wedge_on_cancel;
  Take(fault, other.fault);
  Take(delivery, other.delivery);
  Take(segment_gap, other.segment_gap);
}

absl::StatusOr<AnswerScript> ParseAnswerScript(std::string_view directives) {
  AnswerScript script;
  std::string_view rest = directives;
  for (;;) {
    while (ConsumePrefix(rest, " ") || ConsumePrefix(rest, "\n")) {
    }
    if (rest.empty()) {
      return script;
    }
    const size_t equals = rest.find('=');
    if (equals == std::string_view::npos) {
      return InvalidField("directives", Concat("\"", rest, "\" is not key=value"));
    }
    const std::string_view key = rest.substr(0, equals);
    rest.remove_prefix(equals + 1);
    TESSERA_RETURN_IF_ERROR(SetField(script, key, TakeValue(rest)));
  }
}

absl::Status TakePromptDirectives(std::string& prompt, AnswerScript& script) {
  for (;;) {
    const size_t open = prompt.find(kOpen);
    if (open == std::string::npos) {
      return absl::OkStatus();
    }
    const size_t close = prompt.find(kClose, open);
    if (close == std::string::npos) {
      return InvalidField("prompt", "has a {{sim: without its }}");
    }
    const std::string directives = prompt.substr(open + kOpen.size(), close - open - kOpen.size());
    prompt.erase(open, close + kClose.size() - open);
    TESSERA_ASSIGN_OR_RETURN(const AnswerScript taken, ParseAnswerScript(directives));
    script.Apply(taken);
  }
}

}  // namespace tessera::simulator
