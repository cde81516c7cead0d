// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_model_engine.h"

#include <utility>

#include "absl/time/clock.h"
#include "services/inference/engine/chat_request_body.h"

namespace tessera::testing {

using inference::ChatObserver;
using inference::ChatRequest;

FakeChat::FakeChat(const ChatRequest& request, std::shared_ptr<ChatObserver> observer)
    : model_(request.model),
      format_json_(request.format_json),
      sampling_(request.sampling),
      logprobs_(request.logprobs),
      deadline_(request.deadline),
      body_(inference::MakeChatRequestBody(request)),
      observer_(std::move(observer)) {
  sampling_.stop.clear();
  for (const inference::ChatMessage& message : request.messages) {
    texts_.emplace_back(message.text);
    for (std::string_view image : message.images) images_.emplace_back(image);
  }
}

FakeChat::FakeChat(const inference::EmbedRequest& request, std::shared_ptr<ChatObserver> observer)
    : model_(request.model),
      texts_(request.texts.begin(), request.texts.end()),
      deadline_(request.deadline),
      body_(inference::MakeEmbedRequestBody(request)),
      observer_(std::move(observer)) {}

absl::Status FakeChat::Piece(std::string_view text,
                             const std::vector<inference::TokenLogprob>& logprobs) {
  return Piece({.text = text, .logprobs = logprobs});
}

absl::Status FakeChat::Piece(const inference::ChatPiece& piece) {
  std::shared_ptr<ChatObserver> observer;
  {
    MutexLock lock(&mutex_);
    observer = observer_;
  }
  return observer->OnPiece(piece);
}

void FakeChat::End(absl::StatusOr<inference::ChatOutcome> outcome) {
  std::shared_ptr<ChatObserver> observer;
  {
    MutexLock lock(&mutex_);
    observer = std::move(observer_);
  }
  observer->OnEnd(std::move(outcome));
}

void FakeChat::Cancel() {
  MutexLock lock(&mutex_);
  cancelled_ = true;
}

bool FakeChat::cancelled() const {
  MutexLock lock(&mutex_);
  return cancelled_;
}

std::shared_ptr<inference::ChatHandle> FakeModelEngine::Chat(
    const ChatRequest& request, std::shared_ptr<ChatObserver> observer) {
  return Add(std::make_shared<FakeChat>(request, std::move(observer)));
}

std::shared_ptr<inference::ChatHandle> FakeModelEngine::Embed(
    const inference::EmbedRequest& request, std::shared_ptr<ChatObserver> observer) {
  return Add(std::make_shared<FakeChat>(request, std::move(observer)));
}

std::shared_ptr<inference::ChatHandle> FakeModelEngine::Add(std::shared_ptr<FakeChat> chat) {
  {
    MutexLock lock(&mutex_);
    chats_.push_back(chat);
    changed_.SignalAll();
  }
  if (on_chat) on_chat(*chat);
  return chat;
}

std::vector<std::shared_ptr<FakeChat>> FakeModelEngine::chats() const {
  MutexLock lock(&mutex_);
  return chats_;
}

std::shared_ptr<FakeChat> FakeModelEngine::WaitForChat(size_t index) const {
  const absl::Time until = absl::Now() + absl::Seconds(10);
  MutexLock lock(&mutex_);
  while (chats_.size() <= index) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return nullptr;
    changed_.WaitFor(&mutex_, left);
  }
  return chats_[index];
}

}  // namespace tessera::testing
