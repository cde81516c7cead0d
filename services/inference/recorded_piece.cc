// SPDX-License-Identifier: Apache-2.0
#include "services/inference/recorded_piece.h"

#include <utility>

namespace tessera::inference {
namespace {

size_t BytesOf(const std::vector<TokenLogprob>& tokens) {
  size_t bytes = 0;
  for (const TokenLogprob& token : tokens) {
    bytes += sizeof token + token.token.size() + BytesOf(token.top);
  }
  return bytes;
}

TokenLogprob FromApi(const v1::TokenLogprob& token) {
  TokenLogprob result{.token = token.token(), .logprob = token.logprob()};
  for (const v1::TokenLogprob& other : token.top()) {
    result.top.push_back({.token = other.token(), .logprob = other.logprob()});
  }
  return result;
}

}  // namespace

RecordedPiece::RecordedPiece(const ChatPiece& piece)
    : text_(piece.text),
      thinking_(piece.thinking),
      logprobs_(piece.logprobs.begin(), piece.logprobs.end()),
      embeddings_(piece.embeddings.begin(), piece.embeddings.end()) {
  for (const ChatToolCall& call : piece.tool_calls) {
    owned_calls_.push_back(
        {std::string(call.name), std::string(call.arguments_json), std::string(call.id)});
  }
  for (const OwnedCall& call : owned_calls_) {
    calls_.push_back({.name = call.name, .arguments_json = call.arguments_json, .id = call.id});
  }
}

ChatPiece RecordedPiece::view() const {
  return {.text = text_,
          .logprobs = logprobs_,
          .thinking = thinking_,
          .tool_calls = calls_,
          .embeddings = embeddings_};
}

size_t RecordedPiece::bytes() const {
  size_t bytes = sizeof *this + text_.size() + thinking_.size() + BytesOf(logprobs_);
  for (const OwnedCall& call : owned_calls_) {
    bytes += sizeof call + call.name.size() + call.arguments_json.size() + call.id.size();
  }
  for (const auto& vector : embeddings_) bytes += sizeof vector + vector.size() * sizeof(float);
  return bytes;
}

v1::TokenLogprob ToApi(const TokenLogprob& token) {
  v1::TokenLogprob result;
  result.set_token(token.token);
  result.set_logprob(token.logprob);
  for (const TokenLogprob& other : token.top) *result.add_top() = ToApi(other);
  return result;
}

v1::ToolCall ToApi(const ChatToolCall& call) {
  v1::ToolCall result;
  result.set_name(std::string(call.name));
  result.set_arguments_json(std::string(call.arguments_json));
  result.set_id(std::string(call.id));
  return result;
}

void AppendTo(v1::GenerateResponse& answer, const ChatPiece& piece) {
  answer.mutable_text()->append(piece.text);
  answer.mutable_thinking()->append(piece.thinking);
  for (const ChatToolCall& call : piece.tool_calls) *answer.add_tool_calls() = ToApi(call);
  for (const TokenLogprob& token : piece.logprobs) *answer.add_logprobs() = ToApi(token);
}

std::shared_ptr<const RecordedPiece> PieceOf(const v1::GenerateResponse& answer) {
  std::vector<TokenLogprob> logprobs;
  for (const v1::TokenLogprob& token : answer.logprobs()) logprobs.push_back(FromApi(token));
  std::vector<ChatToolCall> calls;
  for (const v1::ToolCall& call : answer.tool_calls()) {
    calls.push_back(
        {.name = call.name(), .arguments_json = call.arguments_json(), .id = call.id()});
  }
  ChatPiece piece;
  piece.text = answer.text();
  piece.thinking = answer.thinking();
  piece.logprobs = logprobs;
  piece.tool_calls = calls;
  return std::make_shared<const RecordedPiece>(piece);
}

void AppendTo(v1::EmbedResponse& answer, const ChatPiece& piece) {
  for (const auto& vector : piece.embeddings) {
    answer.add_embeddings()->mutable_values()->Add(vector.begin(), vector.end());
  }
}

std::shared_ptr<const RecordedPiece> PieceOf(const v1::EmbedResponse& answer) {
  std::vector<std::vector<float>> vectors;
  for (const v1::Embedding& embedding : answer.embeddings()) {
    vectors.emplace_back(embedding.values().begin(), embedding.values().end());
  }
  ChatPiece piece;
  piece.embeddings = vectors;
  return std::make_shared<const RecordedPiece>(piece);
}

}  // namespace tessera::inference
