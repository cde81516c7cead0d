// SPDX-License-Identifier: Apache-2.0
//
// The lines of a generation as Ollama writes them.
#ifndef TESSERA_SIMULATOR_WIRE_H_
#define TESSERA_SIMULATOR_WIRE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/answer.h"

namespace tessera::simulator {

struct LineContent {
  std::string_view text;
  std::string_view thinking;
  const std::vector<ToolCall>* tool_calls = nullptr;
  std::string_view logprobs_json;  // an array, or empty
  bool unknown_fields = false;     // as a later version of Ollama may add them
};

// The end of an answer. Zero durations and counts leave no trace on the wire.
struct LineEnd {
  bool done = true;
  std::string_view done_reason;
  int context_tokens = 0;  // length of /api/generate's `context`; 0: none
  int64_t total_duration_ns = 0;
  int64_t load_duration_ns = 0;
  int prompt_eval_count = 0;
  int64_t prompt_eval_duration_ns = 0;
  int eval_count = 0;
  int64_t eval_duration_ns = 0;
};

// One JSON object without line end. `end` is nullptr for all lines but the last.
std::string RenderLine(bool is_chat, std::string_view model, const LineContent& content,
                       const LineEnd* end);

// One entry per piece; `top` alternatives each, the piece itself among them.
std::string RenderLogprobs(const Piece& piece, int top);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_WIRE_H_
