// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/circuit_breaker.h"

#include <algorithm>

namespace tessera::inference {

bool CircuitBreaker::WouldAdmit(absl::Time now) const {
  return !open_ || (now >= pause_end_ && !probing_);
}

bool CircuitBreaker::Admit(absl::Time now) {
  if (!WouldAdmit(now)) return false;
  probing_ = open_;
  return true;
}

void CircuitBreaker::OnSuccess() {
  failures_ = 0;
  open_ = false;
  probing_ = false;
  pause_ = options_.first_pause;
  pause_end_ = absl::InfinitePast();
}

void CircuitBreaker::OnFailure(absl::Time now) {
  if (open_) {
    // Requests that were under way when it opened say nothing new.
    if (!probing_) return;
    probing_ = false;
    pause_ = std::min(pause_ * 2, options_.longest_pause);
    pause_end_ = now + pause_;
    return;
  }
  if (++failures_ < options_.failures_to_open) return;
  open_ = true;
  pause_end_ = now + pause_;
}

void CircuitBreaker::EndPause(absl::Time now) {
  if (open_) pause_end_ = std::min(pause_end_, now);
}

CircuitBreaker::State CircuitBreaker::state(absl::Time now) const {
  if (!open_) return State::kClosed;
  return now >= pause_end_ ? State::kHalfOpen : State::kOpen;
}

}  // namespace tessera::inference
