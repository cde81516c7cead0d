// SPDX-License-Identifier: Apache-2.0
//
// A model engine that does what the test says, when the test says it.
#ifndef TESSERA_TESTS_SUPPORT_FAKE_MODEL_ENGINE_H_
#define TESSERA_TESTS_SUPPORT_FAKE_MODEL_ENGINE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/engine/model_engine.h"

namespace tessera::testing {

// One chat, seen from the engine. Thread-safe.
class FakeChat : public inference::ChatHandle {
 public:
  FakeChat(const inference::ChatRequest& request,
           std::shared_ptr<inference::ChatObserver> observer);
  FakeChat(const inference::EmbedRequest& request,
           std::shared_ptr<inference::ChatObserver> observer);

  // What was asked for, copied: the request's own views end with ModelEngine::Chat.
  const std::string& model() const { return model_; }
  const std::vector<std::string>& texts() const { return texts_; }
  const std::vector<std::string>& images() const { return images_; }
  const std::string& format_json() const { return format_json_; }
  const inference::ChatSampling& sampling() const { return sampling_; }  // Without `stop`.
  bool logprobs() const { return logprobs_; }
  absl::Time deadline() const { return deadline_; }
  // What would go over the wire.
  const std::string& body() const { return body_; }

  // Lets the observer hear a piece; returns what it answered.
  absl::Status Piece(std::string_view text,
                     const std::vector<inference::TokenLogprob>& logprobs = {});
  absl::Status Piece(const inference::ChatPiece& piece);
  // Ends the chat. At most once.
  void End(absl::StatusOr<inference::ChatOutcome> outcome);

  void Cancel() override;
  bool cancelled() const;

 private:
  const std::string model_;
  std::vector<std::string> texts_;
  std::vector<std::string> images_;
  const std::string format_json_;
  inference::ChatSampling sampling_;
  const bool logprobs_ = false;
  const absl::Time deadline_;
  const std::string body_;

  mutable Mutex mutex_;
  std::shared_ptr<inference::ChatObserver> observer_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

// Thread-safe. `on_chat` is set before the first chat.
class FakeModelEngine : public inference::ModelEngine {
 public:
  std::shared_ptr<inference::ChatHandle> Chat(
      const inference::ChatRequest& request,
      std::shared_ptr<inference::ChatObserver> observer) override;
  std::shared_ptr<inference::ChatHandle> Embed(
      const inference::EmbedRequest& request,
      std::shared_ptr<inference::ChatObserver> observer) override;

  // Called inside Chat and Embed, on their thread: may end the chat at once, or block.
  std::function<void(FakeChat&)> on_chat;

  std::vector<std::shared_ptr<FakeChat>> chats() const;
  // The `index`th chat, as soon as it is there; nullptr when it does not come within ten seconds.
  std::shared_ptr<FakeChat> WaitForChat(size_t index) const;

 private:
  std::shared_ptr<inference::ChatHandle> Add(std::shared_ptr<FakeChat> chat);

  mutable Mutex mutex_;
  mutable CondVar changed_;
  std::vector<std::shared_ptr<FakeChat>> chats_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_FAKE_MODEL_ENGINE_H_
