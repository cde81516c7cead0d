// SPDX-License-Identifier: Apache-2.0
#include "simulator/wire.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "simulator/json_text.h"
#include "simulator/text.h"
#include "simulator/timestamps.h"

namespace tessera::simulator {
namespace {

void AppendToolCalls(std::string& out, const std::vector<ToolCall>& calls) {
  out += ",\"tool_calls\":[";
  for (size_t i = 0; i < calls.size(); ++i) {
    Append(out, i > 0 ? "," : "", "{\"id\":", Quoted(calls[i].id), ",\"function\":{\"index\":", i,
           ",\"name\":", Quoted(calls[i].name), ",\"arguments\":", calls[i].arguments_json, "}}");
  }
  out += ']';
}

// Token numbers that look like some: what matters about them is how many they are.
void AppendContext(std::string& out, int tokens) {
  out += ",\"context\":[";
  for (int i = 0; i < tokens; ++i) {
    Append(out, i > 0 ? "," : "", 257 + (i * 37) % 4096);
  }
  out += ']';
}

void AppendEnd(std::string& out, const LineEnd& end) {
  Append(out, ",\"done\":", end.done ? "true" : "false");
  if (!end.done_reason.empty()) {
    out += ",\"done_reason\":";
    AppendQuoted(out, end.done_reason);
  }
  if (end.context_tokens > 0) {
    AppendContext(out, end.context_tokens);
  }
  const std::pair<std::string_view, int64_t> metrics[] = {
      {"total_duration", end.total_duration_ns},
      {"load_duration", end.load_duration_ns},
      {"prompt_eval_count", end.prompt_eval_count},
      {"prompt_eval_duration", end.prompt_eval_duration_ns},
      {"eval_count", end.eval_count},
      {"eval_duration", end.eval_duration_ns},
  };
  for (const auto& [name, value] : metrics) {
    if (value != 0) {
      Append(out, ",\"", name, "\":", value);
    }
  }
}

void AppendTokenProbability(std::string& out, std::string_view token, double probability) {
  Append(out, "{\"token\":", Quoted(token), ",\"logprob\":", std::log(std::max(probability, 1e-9)),
         ",\"bytes\":[");
  for (size_t i = 0; i < token.size(); ++i) {
    Append(out, i > 0 ? "," : "", static_cast<int>(static_cast<unsigned char>(token[i])));
  }
  out += ']';
}

}  // namespace

std::string RenderLine(bool is_chat, std::string_view model, const LineContent& content,
                       const LineEnd* end) {
  std::string out;
  out.reserve(content.text.size() + content.thinking.size() + 256);
  out += "{\"model\":";
  AppendQuoted(out, model);
  Append(out, ",\"created_at\":\"", NowRfc3339(), "\"");
  out += is_chat ? ",\"message\":{\"role\":\"assistant\",\"content\":" : ",\"response\":";
  AppendQuoted(out, content.text);
  if (!content.thinking.empty()) {
    out += ",\"thinking\":";
    AppendQuoted(out, content.thinking);
  }
  if (is_chat) {
    if (content.tool_calls != nullptr && !content.tool_calls->empty()) {
      AppendToolCalls(out, *content.tool_calls);
    }
    out += '}';
  }
  if (end == nullptr) {
    out += ",\"done\":false";
  } else {
    AppendEnd(out, *end);
  }
  if (!content.logprobs_json.empty()) {
    Append(out, ",\"logprobs\":", content.logprobs_json);
  }
  if (content.unknown_fields) {
    out += R"(,"x_new":{"list":[1,null,{"done":true}],"text":"\"done\":true"})";
  }
  out += '}';
  return out;
}

std::string RenderLogprobs(const Piece& piece, int top) {
  std::string out;
  AppendTokenProbability(out, piece.text, piece.probability);
  if (top > 0) {
    std::vector<std::pair<std::string, double>> ranked = piece.alternatives;
    ranked.emplace_back(piece.text, piece.probability);
    // The rest of the probability goes to words that nobody meant.
    double left = 1;
    for (const auto& [text, probability] : ranked) {
      left -= probability;
    }
    for (int i = 0; static_cast<int>(ranked.size()) < top; ++i) {
      left /= 2;
      ranked.emplace_back(Concat("~", i), std::max(left, 1e-9));
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    out += ",\"top_logprobs\":[";
    for (int i = 0; i < top; ++i) {
      out += i > 0 ? "," : "";
      AppendTokenProbability(out, ranked[static_cast<size_t>(i)].first,
                             ranked[static_cast<size_t>(i)].second);
      out += '}';
    }
    out += ']';
  }
  out += '}';
  return out;
}

}  // namespace tessera::simulator
