// SPDX-License-Identifier: Apache-2.0
#include "simulator/answer.h"

#include <algorithm>
#include <array>

#include "simulator/schema_sample.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

constexpr std::array<std::string_view, 16> kFiller = {
    " and", " then",  " the",  " small", " light", " moves", " over", " water",
    " as",  " every", " line", " here",  " says",  " one",   " more", " word"};
constexpr size_t kMaxPieceBytes = 8;

// "Echo:" and the words of the prompt, then filler: as many tokens as wanted.
std::vector<Piece> EchoPieces(std::string_view prompt, int tokens) {
  std::vector<Piece> pieces;
  pieces.reserve(static_cast<size_t>(tokens));
  if (tokens > 0) {
    pieces.push_back({.text = "Echo:"});
  }
  for (const std::string_view word : Split(prompt, " \t\r\n")) {
    if (static_cast<int>(pieces.size()) >= tokens) break;
    if (word.empty()) continue;
    pieces.push_back({.text = Concat(" ", word)});
  }
  for (int i = 0; static_cast<int>(pieces.size()) < tokens; ++i) {
    pieces.push_back({.text = std::string(FillerPiece(i))});
  }
  return pieces;
}

// The pieces of a schema's answer; the label is cut into pieces of its own so that a client can
// find its probability.
std::vector<Piece> SchemaPieces(const SchemaSample& sample, double confidence) {
  if (sample.choices.empty()) {
    return CutIntoPieces(sample.json);
  }
  const std::string_view json = sample.json;
  const std::string_view chosen = json.substr(sample.choice_begin, sample.choice_length);
  std::vector<Piece> pieces = CutIntoPieces(json.substr(0, sample.choice_begin));
  std::vector<Piece> label = CutIntoPieces(chosen);
  if (!label.empty()) {
    label[0].probability = confidence;
    const double others = static_cast<double>(std::max<size_t>(sample.choices.size(), 2) - 1);
    for (const std::string& choice : sample.choices) {
      if (choice != chosen && !choice.empty()) {
        label[0].alternatives.emplace_back(CutIntoPieces(choice)[0].text,
                                           (1 - confidence) / others);
      }
    }
    for (size_t i = 1; i < label.size(); ++i) {
      label[i].probability = 0.9999;
    }
  }
  std::vector<Piece> rest = CutIntoPieces(json.substr(sample.choice_begin + sample.choice_length));
  std::move(label.begin(), label.end(), std::back_inserter(pieces));
  std::move(rest.begin(), rest.end(), std::back_inserter(pieces));
  return pieces;
}

// Calls the scripted tool; without a script the first one offered, once, when the user speaks.
void DecideToolCall(const GenerationRequest& request, const AnswerScript& script, Answer* answer) {
  if (request.tools.empty() || script.tool == "none") {
    return;
  }
  const RequestTool* tool = nullptr;
  for (const RequestTool& offered : request.tools) {
    if (script.tool.has_value() ? offered.name == *script.tool : tool == nullptr) {
      tool = &offered;
    }
  }
  const bool unscripted = !script.tool.has_value() && !script.text.has_value();
  if (tool == nullptr ||
      (!script.tool.has_value() && !(unscripted && request.last_role == "user"))) {
    return;
  }
  const std::string schema = tool->parameters_json.empty() ? "{}" : tool->parameters_json;
  std::string arguments = SampleSchema(schema, script.label.value_or(""), "example").json;
  if (arguments.empty() || arguments[0] != '{') {
    arguments = "{}";
  }
  answer->tool_calls.push_back(
      {Concat("call_", DigestOf(Concat(tool->name, request.prompt)).substr(0, 8)), tool->name,
       std::move(arguments)});
}

// Cuts the answer at the first stop string.
void ApplyStops(const std::vector<std::string>& stops, std::vector<Piece>* pieces) {
  if (stops.empty()) {
    return;
  }
  std::string text;
  for (const Piece& piece : *pieces) {
    text += piece.text;
  }
  size_t end = std::string::npos;
  for (const std::string& stop : stops) {
    if (!stop.empty()) {
      end = std::min(end, text.find(stop));
    }
  }
  if (end == std::string::npos) {
    return;
  }
  size_t at = 0;
  for (size_t i = 0; i < pieces->size(); ++i) {
    const size_t next = at + (*pieces)[i].text.size();
    if (next > end) {
      (*pieces)[i].text.resize(end - at);
      pieces->resize(i + ((*pieces)[i].text.empty() ? 0 : 1));
      return;
    }
    at = next;
  }
}

}  // namespace

int Answer::tokens() const {
  int sum = 0;
  for (const Piece& piece : pieces) {
    sum += piece.tokens;
  }
  return sum;
}

Answer DecideAnswer(const GenerationRequest& request, std::string_view prompt,
                    const ModelSpec& model, const AnswerScript& script) {
  Answer answer;
  DecideToolCall(request, script, &answer);
  const int tokens = script.tokens.value_or(model.default_answer_tokens);
  std::vector<Piece> content;
  if (!answer.tool_calls.empty()) {
    // A call's text never reaches the client as content.
  } else if (script.text.has_value()) {
    content = CutIntoPieces(*script.text);
  } else if (request.format == FormatKind::kSchema) {
    content =
        SchemaPieces(SampleSchema(request.schema_json, script.label.value_or(""), "simulated"),
                     script.confidence.value_or(0.9));
  } else if (request.format == FormatKind::kJson) {
    content = CutIntoPieces("{\"answer\": \"simulated\"}");
  } else {
    content = EchoPieces(prompt, tokens);
  }
  ApplyStops(request.stop, &content);
  // Tokens that a parser holds back, or that have no text, still make chunks with logprobs on.
  content.insert(content.begin(), static_cast<size_t>(script.empty_pieces.value_or(0)), Piece());
  const bool thinks = model.Can("thinking") && request.think != ThinkMode::kOff;
  const int think_tokens = script.think_tokens.value_or(thinks ? 8 : 0);
  if (thinks && think_tokens > 0) {
    for (int i = 0; i < think_tokens; ++i) {
      answer.pieces.push_back({.text = std::string(FillerPiece(i)), .is_thinking = true});
    }
  }
  // The parser waits for a thought's end that a model told not to think never prints.
  const bool all_in_thinking = model.always_thinks && request.think == ThinkMode::kOff;
  for (Piece& piece : content) {
    piece.is_thinking = all_in_thinking;
    answer.pieces.push_back(std::move(piece));
  }
  if (script.done_reason.has_value()) {
    answer.done_reason = *script.done_reason;
  }
  return answer;
}

std::vector<Piece> CutIntoPieces(std::string_view text) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text[0]);
    size_t length = 1;
    int tokens = 1;
    if (first >= 0x80) {
      while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) {
        ++length;
      }
      tokens = static_cast<int>(std::max<size_t>(1, length - 1));
    } else {
      while (length < text.size() && length < kMaxPieceBytes && text[length] != ' ' &&
             static_cast<unsigned char>(text[length]) < 0x80) {
        ++length;
      }
    }
    pieces.push_back({.text = std::string(text.substr(0, length)), .tokens = tokens});
    text.remove_prefix(length);
  }
  return pieces;
}

std::string_view FillerPiece(int index) {
  return kFiller[static_cast<size_t>(index) % kFiller.size()];
}

}  // namespace tessera::simulator
