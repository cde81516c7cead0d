// SPDX-License-Identifier: Apache-2.0
//
// What was heard of an answer, kept: for those who join late, for the check of the whole, and for
// the cache.
#ifndef TESSERA_SERVICES_INFERENCE_RECORDED_PIECE_H_
#define TESSERA_SERVICES_INFERENCE_RECORDED_PIECE_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/inference/engine/model_engine.h"
#include "services/inference/scheduling/chat_dispatcher.h"

namespace tessera::inference {

// A ChatPiece that owns what it holds. Immutable.
class RecordedPiece {
 public:
  explicit RecordedPiece(const ChatPiece& piece);
  RecordedPiece(const RecordedPiece&) = delete;
  RecordedPiece& operator=(const RecordedPiece&) = delete;

  // Valid as long as this lives.
  ChatPiece view() const;
  // What it takes in memory, about.
  size_t bytes() const;

 private:
  struct OwnedCall {
    std::string name, arguments_json, id;
  };

  const std::string text_;
  const std::string thinking_;
  const std::vector<TokenLogprob> logprobs_;
  const std::vector<std::vector<float>> embeddings_;
  std::vector<OwnedCall> owned_calls_;
  std::vector<ChatToolCall> calls_;  // Views of the former.
};

// Appends a piece to an answer, or takes it from one: all of it in one piece.
void AppendTo(v1::GenerateResponse& answer, const ChatPiece& piece);
std::shared_ptr<const RecordedPiece> PieceOf(const v1::GenerateResponse& answer);
void AppendTo(v1::EmbedResponse& answer, const ChatPiece& piece);
std::shared_ptr<const RecordedPiece> PieceOf(const v1::EmbedResponse& answer);

// The API's form of one token.
v1::TokenLogprob ToApi(const TokenLogprob& token);
v1::ToolCall ToApi(const ChatToolCall& call);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_RECORDED_PIECE_H_
