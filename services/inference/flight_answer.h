// SPDX-License-Identifier: Apache-2.0
//
// An answer's forms: as a job before it is there, as a completion, and packed for the cache.
#ifndef TESSERA_SERVICES_INFERENCE_FLIGHT_ANSWER_H_
#define TESSERA_SERVICES_INFERENCE_FLIGHT_ANSWER_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/inference/chat_request_check.h"
#include "services/inference/inference_metrics.h"
#include "services/inference/recorded_piece.h"
#include "services/inference/scheduling/chat_job.h"

namespace tessera::inference {

// What the dispatcher needs to know of a request; client, deadline and start are left out.
ChatJob JobOf(const CheckedChat& chat, const RuntimeOptions& profile);

// What the engine and the dispatcher said of an answer.
v1::Completion CompletionOf(const ChatOutcome& outcome, bool calls_tools);

// `to_first_piece` may be infinite: there was none.
void SetTimes(v1::Completion& completion, absl::Duration total, absl::Duration to_first_piece);

// Tokens and the engine's own times, once for each answer that it made.
void CountEngineWork(const v1::Completion& completion, const ModelSeries& series);

// Gathers an answer's pieces and puts them into the form that the cache keeps.
class AnswerPacker {
 public:
  explicit AnswerPacker(bool embeds) : embeds_(embeds) {}
  void Add(const ChatPiece& piece);
  std::string Pack(const v1::Completion& completion);

 private:
  const bool embeds_;
  v1::GenerateResponse chat_;
  v1::EmbedResponse vectors_;
};

struct UnpackedAnswer {
  std::shared_ptr<const RecordedPiece> piece;  // All of it.
  v1::Completion completion;                   // Its source is the cache.
};

// Nothing when `packed` was not made by AnswerPacker for the same kind of request.
std::optional<UnpackedAnswer> Unpack(std::string_view packed, bool embeds);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_FLIGHT_ANSWER_H_
