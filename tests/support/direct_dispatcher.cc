// SPDX-License-Identifier: Apache-2.0
#include "tests/support/direct_dispatcher.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/status/error.h"

namespace tessera::inference {
namespace {

// Below this a request is turned into JSON faster than it can be handed to another thread.
constexpr size_t kInlineBytes = 64 << 10;

absl::Status Abandoned(absl::Time deadline) {
  return absl::Now() >= deadline
             ? MakeError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                         "the call's deadline passed before it ended")
             : MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the caller went away");
}

// One job under way. Keeps itself alive through the engine, which holds it as the observer.
class DirectChat : public ChatHandle,
                   public ChatObserver,
                   public std::enable_shared_from_this<DirectChat> {
 public:
  DirectChat(ChatJob job, std::shared_ptr<DispatchObserver> observer, InFlightLimit& limit)
      : job_(std::move(job)), observer_(std::move(observer)), limit_(limit) {}

  size_t bytes() const { return job_.bytes; }
  void Admitted() { admitted_ = true; }

  void Start(ModelEngine& engine) {
    if (IsCancelled() || absl::Now() >= job_.deadline) return OnEnd(Abandoned(job_.deadline));
    std::shared_ptr<ChatHandle> handle = job_.start(engine, shared_from_this());
    bool cancelled = false;
    {
      MutexLock lock(&mutex_);
      handle_ = handle;
      cancelled = cancelled_;
    }
    if (cancelled) handle->Cancel();
  }

  void Cancel() override {
    std::shared_ptr<ChatHandle> handle;
    {
      MutexLock lock(&mutex_);
      cancelled_ = true;
      handle = handle_;
    }
    if (handle != nullptr) handle->Cancel();
  }

  absl::Status OnPiece(const ChatPiece& piece) override { return observer_->OnPiece(piece); }

  void OnEnd(absl::StatusOr<ChatOutcome> outcome) override {
    if (admitted_) limit_.Release(job_.bytes);
    if (outcome.ok()) outcome->dispatch.attempts = 1;
    const std::shared_ptr<DispatchObserver> observer = std::move(observer_);
    observer->OnEnd(std::move(outcome));
  }

 private:
  bool IsCancelled() {
    MutexLock lock(&mutex_);
    return cancelled_;
  }

  const ChatJob job_;
  std::shared_ptr<DispatchObserver> observer_;
  InFlightLimit& limit_;
  bool admitted_ = false;
  Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<ChatHandle> handle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::shared_ptr<ChatHandle> DirectDispatcher::Submit(ChatJob job,
                                                     std::shared_ptr<DispatchObserver> observer) {
  auto chat = std::make_shared<DirectChat>(std::move(job), std::move(observer), limit_);
  if (absl::Status full = limit_.Acquire(chat->bytes()); !full.ok()) {
    chat->OnEnd(full);
    return chat;
  }
  chat->Admitted();
  if (chat->bytes() <= kInlineBytes) {
    chat->Start(engine_);
  } else if (absl::Status full = pool_.TrySubmit([this, chat] { chat->Start(engine_); });
             !full.ok()) {
    chat->OnEnd(full);
  }
  return chat;
}

}  // namespace tessera::inference
