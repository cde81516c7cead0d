// SPDX-License-Identifier: Apache-2.0
//
// One call's way to an answer: from the cache, with a flight that others have begun, or with one of
// its own; time counted, the end told in the API's words.
#ifndef TESSERA_SERVICES_INFERENCE_GENERATION_H_
#define TESSERA_SERVICES_INFERENCE_GENERATION_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/inference/chat_request_check.h"
#include "services/inference/flight.h"
#include "services/inference/inference_context.h"

namespace tessera::inference {

// Hears one generation: any number of phases and pieces, then the end, exactly once; one after
// another, on any thread, perhaps inside Generation::Start. Must not block.
class GenerationListener {
 public:
  virtual ~GenerationListener() = default;
  // True when the answer is collected and nobody sees it before the end: on RetryingPhase what was
  // heard is dropped.
  virtual bool Forgets() const = 0;
  virtual void OnPhase(const Phase& phase) = 0;
  // A non-OK status ends the generation with that status.
  virtual absl::Status OnPiece(const ChatPiece& piece) = 0;
  virtual void OnGenerationEnd(absl::StatusOr<v1::Completion> completion) = 0;
};

// Thread-safe.
class Generation : public FlightRider, public std::enable_shared_from_this<Generation> {
 public:
  // Begins. `context` and `listener` must live until OnGenerationEnd has been called, which may
  // happen before Start returns. What `chat` points into must live until then or, where others can
  // join, be kept by its owner. `client`: whose call it is, for fair shares.
  static std::shared_ptr<Generation> Start(InferenceContext& context, CheckedChat chat,
                                           std::string request_id, std::string client,
                                           absl::Time deadline, GenerationListener& listener);

  // Ends it as soon as possible; OnGenerationEnd still follows. Idempotent, never blocks.
  void Cancel();

  bool Forgets() const override { return listener_.Forgets(); }
  void OnPhase(const Phase& phase) override;
  absl::Status OnPiece(const ChatPiece& piece) override;
  void OnLanding(const absl::StatusOr<v1::Completion>& completion) override;

 private:
  Generation(InferenceContext& context, const CheckedChat& chat, std::string request_id,
             absl::Time deadline, GenerationListener& listener);

  void Board(CheckedChat chat, std::string client);
  // The key under which the request's answer is known; none when it may not be shared, or when it
  // is not known which weights the model's name stands for.
  std::optional<CacheKey> KeyFor(const CheckedChat& chat) const;
  bool LandFromCache(const CacheKey& key, bool embeds);
  absl::StatusOr<v1::Completion> Complete(const absl::StatusOr<v1::Completion>& landed,
                                          absl::Duration total);
  void Count(const absl::StatusOr<v1::Completion>& completion, absl::Duration total);

  InferenceContext& context_;
  const std::string model_;
  const std::string request_id_;
  const absl::Time deadline_;
  GenerationListener& listener_;
  const ModelSeries& series_;
  const absl::Time start_;
  std::shared_ptr<Flight> flight_;  // Set once, before anything can end it; none: from the cache.
  bool joined_ = false;
  absl::Duration time_to_first_piece_ = absl::InfiniteDuration();
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_GENERATION_H_
