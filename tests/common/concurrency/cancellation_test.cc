// SPDX-License-Identifier: Apache-2.0
#include "common/concurrency/cancellation.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "common/concurrency/notification.h"
#include "common/status/error.h"

namespace tessera {
namespace {

TEST(CancellationTokenTest, OfNobodyNeverEnds) {
  const CancellationToken token;
  EXPECT_FALSE(token.IsCancelled());
  EXPECT_TRUE(token.Check().ok());
  EXPECT_EQ(token.deadline(), absl::InfiniteFuture());
  CancellationRegistration none = token.OnCancel([] { FAIL(); });
}

TEST(CancellationTokenTest, TellsCancelledAndWhy) {
  CancellationSource source(absl::Now() + absl::Hours(1));
  const CancellationToken token = source.token();
  EXPECT_FALSE(token.IsCancelled());
  EXPECT_TRUE(token.Check().ok());
  source.Cancel();
  source.Cancel();
  EXPECT_TRUE(token.IsCancelled());
  EXPECT_EQ(token.Check().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(ReasonOf(token.Check()), kRequestCancelled);
}

TEST(CancellationTokenTest, EndsAtItsDeadline) {
  const absl::Time deadline = absl::Now() - absl::Seconds(1);
  CancellationSource source(deadline);
  const CancellationToken token = source.token();
  EXPECT_EQ(token.deadline(), deadline);
  EXPECT_TRUE(token.IsCancelled());
  EXPECT_EQ(token.Check().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ReasonOf(token.Check()), kDeadlineExceeded);
  EXPECT_FALSE(MetadataOf(token.Check(), "deadline").empty());
  source.Cancel();
  EXPECT_EQ(token.Check().code(), absl::StatusCode::kDeadlineExceeded) << "the first cause stays";
}

TEST(CancellationTokenTest, RemembersThatItWasCancelledBeforeTheDeadline) {
  CancellationSource source(absl::Now() + absl::Milliseconds(200));
  source.Cancel();
  const CancellationToken token = source.token();
  const Notification never;
  while (absl::Now() <= token.deadline()) (void)never.WaitFor(token.deadline() - absl::Now());
  EXPECT_EQ(token.Check().code(), absl::StatusCode::kCancelled);
}

TEST(CancellationTokenTest, OutlivesItsSource) {
  std::optional<CancellationSource> source(std::in_place);
  const CancellationToken token = source->token();
  source->Cancel();
  source.reset();
  EXPECT_TRUE(token.IsCancelled());
}

TEST(CancellationRegistrationTest, CallsBackOnceOnTheCancellingThread) {
  CancellationSource source;
  int calls = 0;
  std::thread::id called_on;
  CancellationRegistration registration = source.token().OnCancel([&] {
    ++calls;
    called_on = std::this_thread::get_id();
  });
  std::thread canceller([&] { source.Cancel(); });
  const std::thread::id expected = canceller.get_id();
  canceller.join();
  source.Cancel();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(called_on, expected);
}

TEST(CancellationRegistrationTest, CallsBackAtOnceWhenItIsTooLate) {
  CancellationSource source;
  source.Cancel();
  bool called = false;
  CancellationRegistration registration = source.token().OnCancel([&] { called = true; });
  EXPECT_TRUE(called);
}

TEST(CancellationRegistrationTest, TakesTheCallbackBackWhenItEnds) {
  CancellationSource source;
  int calls = 0;
  {
    CancellationRegistration registration = source.token().OnCancel([&] { ++calls; });
    CancellationRegistration moved = std::move(registration);
  }
  source.Cancel();
  EXPECT_EQ(calls, 0);
}

TEST(CancellationRegistrationTest, AcceptsCallbacksThatCanOnlyBeMoved) {
  CancellationSource source;
  auto value = std::make_unique<int>(7);
  int seen = 0;
  CancellationRegistration registration =
      source.token().OnCancel([&seen, value = std::move(value)] { seen = *value; });
  source.Cancel();
  EXPECT_EQ(seen, 7);
}

TEST(CancellationRegistrationTest, WaitsForACallbackThatIsRunning) {
  CancellationSource source;
  Notification running;
  Notification may_end;
  std::atomic<bool> ended{false};
  std::optional<CancellationRegistration> registration(source.token().OnCancel([&] {
    running.Notify();
    may_end.Wait();
    ended = true;
  }));
  std::thread canceller([&] { source.Cancel(); });
  running.Wait();
  std::thread destroyer([&] {
    registration.reset();
    EXPECT_TRUE(ended);
  });
  may_end.Notify();
  destroyer.join();
  canceller.join();
}

TEST(CancellationRegistrationTest, MayEndInsideItsOwnCallback) {
  CancellationSource source;
  std::optional<CancellationRegistration> registration;
  bool called = false;
  registration.emplace(source.token().OnCancel([&] {
    called = true;
    registration.reset();
  }));
  source.Cancel();
  EXPECT_TRUE(called);
}

TEST(CancellationRegistrationTest, MayRaceWithTheCancel) {
  for (int i = 0; i < 200; ++i) {
    CancellationSource source;
    std::atomic<int> calls{0};
    std::thread canceller([&] { source.Cancel(); });
    {
      CancellationRegistration registration = source.token().OnCancel([&] { ++calls; });
    }
    const int calls_when_gone = calls;
    canceller.join();
    EXPECT_EQ(calls, calls_when_gone) << "nothing is called after the registration has ended";
    EXPECT_LE(calls, 1);
  }
}

}  // namespace
}  // namespace tessera
