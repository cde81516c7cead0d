// SPDX-License-Identifier: Apache-2.0
//
// A caller that goes away frees the engine, through both hops, in every phase.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "common/rpc/grpc_status.h"
#include "common/status/error.h"
#include "tests/integration/pair.h"
#include "tests/support/full_size.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

api::StreamGenerateRequest StartPart(const std::string& text) {
  api::StreamGenerateRequest part;
  *part.mutable_start() = Say(text);
  return part;
}

TEST(CancelTest, CancelInMidStreamClosesTheEnginesConnection) {
  Pair pair;
  // `make load` asks for a thousand.
  const size_t times = FullSize() ? 1000 : 200;
  std::vector<double> to_close_ms;
  while (to_close_ms.size() < times) {
    pair.engine().ClearJournal();
    pair.engine().Script("tokens=100000 rate=500");
    const auto context = Soon();
    const auto stream = pair.front().StreamGenerate(context.get());
    ASSERT_TRUE(stream->Write(StartPart("go on")));
    api::StreamGenerateResponse event;
    while (stream->Read(&event) && !event.has_text()) {
    }
    const auto cancelled = std::chrono::steady_clock::now();
    context->TryCancel();
    while (stream->Read(&event)) {
    }
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
    ASSERT_TRUE(pair.engine().WaitFor(
        [](const simulator::JournalState& state) { return state.counters.clients_gone == 1; }));
    const auto state = pair.engine().State();
    to_close_ms.push_back(Milliseconds(*state.Last("/api/chat")->ended - cancelled).count());
  }
  std::sort(to_close_ms.begin(), to_close_ms.end());
  RecordProperty("median_ms", std::to_string(to_close_ms[times / 2]));
  std::printf(
      "cancel at the front door until the engine sees its connection close, %zu times: "
      "median %.2f ms, p99 %.2f ms, max %.2f ms\n",
      times, to_close_ms[times / 2], to_close_ms[times * 99 / 100 - 1], to_close_ms.back());
  pair.ExpectServes();
}

TEST(CancelTest, CancelBeforeTheFirstTokenClosesTheEnginesConnection) {
  Pair pair;
  pair.engine().Script("pause_first_ms=60000");
  const auto context = Soon();
  const auto stream = pair.front().StreamGenerate(context.get());
  ASSERT_TRUE(stream->Write(StartPart("think long")));
  ASSERT_TRUE(pair.engine().WaitFor([](const simulator::JournalState& state) {
    return state.counters.requests_by_path.count("/api/chat") > 0;
  }));
  context->TryCancel();
  EXPECT_TRUE(pair.engine().WaitFor(
      [](const simulator::JournalState& state) { return state.counters.clients_gone == 1; }));
  stream->Finish();
  pair.ExpectServes();
}

TEST(CancelTest, ADeadlineReachesTheEngineThroughBothServices) {
  Pair pair;
  pair.engine().Script("pause_first_ms=60000");
  api::GenerateResponse response;
  const grpc::Status status =
      pair.front().Generate(Soon(absl::Milliseconds(300)).get(), Say("slow"), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(pair.engine().WaitFor(
      [](const simulator::JournalState& state) { return state.counters.clients_gone == 1; }));
  pair.ExpectServes();
}

TEST(CancelTest, UnaryCallsAreCancelledToo) {
  Pair pair;
  const std::string picture = EncodeJpeg(DrawPhoto(320, 240));
  for (const bool with_picture : {false, true}) {
    pair.engine().ClearJournal();
    pair.engine().Script("pause_first_ms=60000");
    const auto context = Soon();
    std::thread caller([&] {
      api::GenerateResponse response;
      EXPECT_EQ(
          pair.front()
              .Generate(context.get(), with_picture ? ShowAndSay({picture}, "what?") : Say("hello"),
                        &response)
              .error_code(),
          grpc::StatusCode::CANCELLED);
    });
    EXPECT_TRUE(pair.engine().WaitFor([](const simulator::JournalState& state) {
      return state.counters.requests_by_path.count("/api/chat") > 0;
    }));
    context->TryCancel();
    caller.join();
    EXPECT_TRUE(pair.engine().WaitFor(
        [](const simulator::JournalState& state) { return state.counters.clients_gone == 1; }));
  }
  pair.ExpectServes();
}

TEST(CancelTest, ACallerThatDoesNotReadDoesNotHoldUpTheEngine) {
  PairOptions options;
  Pair pair(options);
  pair.engine().Script("tokens=200000");
  const auto context = Soon();
  const auto stream = pair.gpu().StreamGenerate(context.get());
  ASSERT_TRUE(stream->Write(StartPart("flood me")));
  // Nothing is read here; the engine is still read at full speed until the bound is hit, or ends.
  EXPECT_TRUE(pair.engine().WaitFor(
      [](const simulator::JournalState& state) {
        return state.counters.clients_gone + state.counters.answered > 0 &&
               state.counters.requests_in_flight == 0;
      },
      absl::Seconds(15)));
  api::StreamGenerateResponse event;
  while (stream->Read(&event)) {
  }
  const absl::Status status = FromGrpcStatus(stream->Finish());
  EXPECT_TRUE(status.ok() || ReasonOf(status) == "CALLER_TOO_SLOW") << status;
  pair.ExpectServes();
}

}  // namespace
}  // namespace tessera::testing
