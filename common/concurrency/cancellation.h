// SPDX-License-Identifier: Apache-2.0
//
// How "nobody waits for this any more" travels from the edge of a process to its depths.
//
// Whoever starts a piece of work owns a CancellationSource; the work gets tokens of it, asks them
// between steps, and registers a callback where it waits for something it cannot ask from.
#ifndef TESSERA_COMMON_CONCURRENCY_CANCELLATION_H_
#define TESSERA_COMMON_CONCURRENCY_CANCELLATION_H_

#include <memory>
#include <stop_token>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tessera {

// The reasons that CancellationToken::Check() gives, with CANCELLED and DEADLINE_EXCEEDED.
inline constexpr std::string_view kRequestCancelled = "CANCELLED";
inline constexpr std::string_view kDeadlineExceeded = "DEADLINE_EXCEEDED";

// Keeps a callback registered. Destruction takes it back: if the callback is running on another
// thread at that moment, destruction waits for its end, so whatever it refers to may go right
// after. Destroying it inside the callback itself is allowed.
class [[nodiscard]] CancellationRegistration {
 public:
  // Registers nothing.
  CancellationRegistration() = default;

 private:
  friend class CancellationToken;
  using Callback = std::stop_callback<absl::AnyInvocable<void()>>;

  explicit CancellationRegistration(std::unique_ptr<Callback> callback)
      : callback_(std::move(callback)) {}

  std::unique_ptr<Callback> callback_;
};

// Says whether the work should go on. Cheap to copy, thread-safe, outlives its source.
class CancellationToken {
 public:
  // Never cancelled, no deadline.
  CancellationToken() = default;

  // True once the source was cancelled or the deadline has passed; never false again.
  bool IsCancelled() const;

  // OK while the work should go on; then CANCELLED / CANCELLED, or DEADLINE_EXCEEDED /
  // DEADLINE_EXCEEDED when the deadline had passed before anybody cancelled.
  absl::Status Check() const;

  // Wall-clock time, absl::InfiniteFuture() when there is none.
  absl::Time deadline() const;

  // Calls `callback` once when the source is cancelled, on the thread that cancels; at once, on
  // this thread, when it was cancelled before. It must not block or throw.
  //
  // The deadline calls nothing: no thread watches the clock here. Who waits does so no longer than
  // deadline().
  CancellationRegistration OnCancel(absl::AnyInvocable<void()> callback) const;

 private:
  friend class CancellationSource;
  struct State;

  explicit CancellationToken(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

// Owns the decision. Thread-safe. Destruction does not cancel.
class CancellationSource {
 public:
  explicit CancellationSource(absl::Time deadline = absl::InfiniteFuture());

  CancellationSource(const CancellationSource&) = delete;
  CancellationSource& operator=(const CancellationSource&) = delete;

  CancellationToken token() const;

  // Runs the registered callbacks on this thread. Idempotent.
  void Cancel();

 private:
  std::shared_ptr<CancellationToken::State> state_;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_CONCURRENCY_CANCELLATION_H_
