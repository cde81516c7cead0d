// SPDX-License-Identifier: Apache-2.0
//
// Keeps requests away from something that fails, and finds out when it works again.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_CIRCUIT_BREAKER_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_CIRCUIT_BREAKER_H_

#include "absl/time/time.h"

namespace tessera::inference {

// Closed: everything passes. Open, after some failures in a row: nothing does. Half-open, after a
// pause that doubles each time: one request passes, and its end decides. Not thread-safe.
class CircuitBreaker {
 public:
  struct Options {
    int failures_to_open = 5;  // In a row.
    absl::Duration first_pause = absl::Seconds(1);
    absl::Duration longest_pause = absl::Seconds(30);
  };
  enum class State { kClosed, kHalfOpen, kOpen };

  CircuitBreaker() : CircuitBreaker(Options{}) {}
  explicit CircuitBreaker(Options options) : options_(options), pause_(options.first_pause) {}

  // Whether a request may go now. True for one request only while half-open: the caller sends it
  // and reports what became of it.
  bool Admit(absl::Time now);
  // The same without sending: whether Admit would be true.
  bool WouldAdmit(absl::Time now) const;

  void OnSuccess();
  void OnFailure(absl::Time now);
  // The request ended in a way that says nothing, such as a cancellation.
  void OnNoVerdict() { probing_ = false; }
  // Something else says that it works again: the next request may try.
  void EndPause(absl::Time now);

  State state(absl::Time now) const;
  // When the pause ends; in the past when there is none.
  absl::Time pause_end() const { return pause_end_; }
  // How long the pause is that it makes, or would make next.
  absl::Duration pause() const { return pause_; }

 private:
  const Options options_;
  int failures_ = 0;
  bool open_ = false;  // Until a success, half-open included.
  bool probing_ = false;
  absl::Duration pause_;
  absl::Time pause_end_ = absl::InfinitePast();
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_CIRCUIT_BREAKER_H_
