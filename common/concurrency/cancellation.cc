// SPDX-License-Identifier: Apache-2.0
#include "common/concurrency/cancellation.h"

#include <atomic>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/status/error.h"

namespace tessera {

struct CancellationToken::State {
  explicit State(absl::Time deadline_in) : deadline(deadline_in) {}

  bool DeadlinePassed() const {
    return deadline != absl::InfiniteFuture() && absl::Now() >= deadline;
  }

  const absl::Time deadline;
  std::stop_source source;
  // Set before the stop is requested, so that the cause stays what it was when the work ended.
  std::atomic<bool> cancelled_in_time{false};
};

bool CancellationToken::IsCancelled() const {
  return state_ != nullptr && (state_->source.stop_requested() || state_->DeadlinePassed());
}

absl::Status CancellationToken::Check() const {
  if (!IsCancelled()) return absl::OkStatus();
  if (state_->cancelled_in_time) {
    return MakeError(absl::StatusCode::kCancelled, kRequestCancelled,
                     "the request was cancelled by its caller");
  }
  const std::string deadline =
      absl::FormatTime(absl::RFC3339_full, state_->deadline, absl::UTCTimeZone());
  return MakeError(absl::StatusCode::kDeadlineExceeded, kDeadlineExceeded,
                   "the request's deadline passed at " + deadline,
                   {.metadata = {{"deadline", deadline}}});
}

absl::Time CancellationToken::deadline() const {
  return state_ == nullptr ? absl::InfiniteFuture() : state_->deadline;
}

CancellationRegistration CancellationToken::OnCancel(absl::AnyInvocable<void()> callback) const {
  if (state_ == nullptr) return CancellationRegistration();
  return CancellationRegistration(std::make_unique<CancellationRegistration::Callback>(
      state_->source.get_token(), std::move(callback)));
}

CancellationSource::CancellationSource(absl::Time deadline)
    : state_(std::make_shared<CancellationToken::State>(deadline)) {}

CancellationToken CancellationSource::token() const { return CancellationToken(state_); }

void CancellationSource::Cancel() {
  if (!state_->DeadlinePassed()) state_->cancelled_in_time = true;
  state_->source.request_stop();
}

}  // namespace tessera
