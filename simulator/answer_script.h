// SPDX-License-Identifier: Apache-2.0
//
// What a test says about one answer: its text or length, its speed, and what goes wrong with it.
#ifndef TESSERA_SIMULATOR_ANSWER_SCRIPT_H_
#define TESSERA_SIMULATOR_ANSWER_SCRIPT_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "simulator/delivery.h"
#include "simulator/fault.h"

namespace tessera::simulator {

// Everything unset is decided by the model.
struct AnswerScript {
  std::optional<int> tokens;               // tokens=50
  std::optional<std::string> text;         // text="any words"; wins over tokens
  std::optional<std::string> label;        // label=cat: which enum value a schema's answer takes
  std::optional<double> confidence;        // confidence=0.9: probability of that value
  std::optional<int> think_tokens;         // think=20
  std::optional<std::string> tool;         // tool=name: calls that tool; tool=none: calls none
  std::optional<double> rate;              // rate=100: tokens decoded per second
  std::optional<double> prefill_rate;      // prefill_rate=2000: prompt tokens per second
  absl::Duration pause_first;              // pause_first_ms=20: more before the first token
  absl::Duration pause;                    // pause_ms=5: more before every token
  absl::Duration jitter;                   // jitter_ms=3: each of these pauses varies by this much
  std::optional<std::string> done_reason;  // done_reason=length
  std::optional<int> prompt_tokens;        // prompt_tokens=700: instead of counting
  std::optional<int> empty_pieces;         // empty_pieces=2: so many chunks with no text first
  bool stamp = false;                      // stamp=1: each piece is "@<monotonic ns when sent>@"
  bool unknown_fields = false;             // unknown_fields=1: lines carry fields nobody knows
  bool wedge_on_cancel = false;            // wedge_on_cancel=1: a disconnect wedges the model
  std::optional<Fault> fault;              // fault=reset:3, see fault.h
  std::optional<Delivery> delivery;        // deliver=split:7, see delivery.h
  absl::Duration segment_gap;              // gap_us=500: pause between two segments

  // Takes over what `other` sets.
  void Apply(const AnswerScript& other);
};

// Reads `key=value` words separated by blanks; a value with blanks stands in double quotes, where
// \" \\ and \n mean what they say.
absl::StatusOr<AnswerScript> ParseAnswerScript(std::string_view directives);

// Cuts every "{{sim: ...}}" out of `prompt` and applies it to `script`.
absl::Status TakePromptDirectives(std::string& prompt, AnswerScript& script);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_ANSWER_SCRIPT_H_
