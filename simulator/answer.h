// SPDX-License-Identifier: Apache-2.0
//
// What a model says to one request, piece by piece, decided before the first piece is sent.
#ifndef TESSERA_SIMULATOR_ANSWER_H_
#define TESSERA_SIMULATOR_ANSWER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/answer_script.h"
#include "simulator/generation_request.h"
#include "simulator/model_spec.h"

namespace tessera::simulator {

// One chunk's worth of text: whole UTF-8 characters, of one or several tokens.
struct Piece {
  std::string text;
  int tokens = 1;
  double probability = 0.97;
  bool is_thinking = false;
  // What else the model could have said here, with probabilities; for top_logprobs.
  std::vector<std::pair<std::string, double>> alternatives;
};

struct ToolCall {
  std::string id;  // "call_" and 8 characters
  std::string name;
  std::string arguments_json;  // an object
};

struct Answer {
  std::vector<Piece> pieces;  // thinking first
  std::vector<ToolCall> tool_calls;
  std::string done_reason = "stop";
  bool endless = false;  // after the pieces, filler without end

  int tokens() const;
};

// Decides the answer. `prompt` is the last user message without directives; the answer to the same
// prompt is always the same, answers to different prompts differ.
Answer DecideAnswer(const GenerationRequest& request, std::string_view prompt,
                    const ModelSpec& model, const AnswerScript& script);

// Cuts text into pieces as a tokenizer would: at words, at most 8 bytes, a non-ASCII character on
// its own as several tokens.
std::vector<Piece> CutIntoPieces(std::string_view text);

// The `index`-th word of the filler that endless answers consist of.
std::string_view FillerPiece(int index);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_ANSWER_H_
