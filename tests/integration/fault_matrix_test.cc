// SPDX-License-Identifier: Apache-2.0
//
// Everything that an engine can do to a call, one row each, at the GPU host's door, unary and
// streaming: the right code, within the call's deadline and a tenth of a second, and the next
// request is served. Prints the table.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/status/error.h"
#include "tests/integration/gateway.h"

namespace tessera::testing {
namespace {

using absl::StatusCode;

constexpr absl::Duration kDeadline = absl::Milliseconds(1'500);
constexpr absl::Duration kGrace = absl::Milliseconds(100);

struct Fault {
  std::string name;
  std::string script;  // For every request, while it lasts. Empty: see `begin`.
  StatusCode code;
  // Empty where the call succeeds, and where the caller's own clock ends it.
  std::string reason;
  std::function<void(Gateway&)> begin = nullptr;
  std::function<void(Gateway&)> end = nullptr;
  std::string unary_reason = "";  // Where a unary call was tried again and met something else.
};

void ForgetLoad(Gateway& gateway) {
  gateway.engine().Crash();
  ASSERT_TRUE(gateway.engine().Restart().ok());
}

std::vector<Fault> Faults() {
  return {
      {"connection refused", "", StatusCode::kUnavailable, "ENGINE_UNREACHABLE",
       [](Gateway& gateway) {
         gateway.engine().StopListening();
         gateway.engine().ResetConnections();
       },
       [](Gateway& gateway) { ASSERT_TRUE(gateway.engine().ResumeListening().ok()); }},
      {"reset before the head", "fault=reset:head", StatusCode::kUnavailable, "ENGINE_UNREACHABLE"},
      {"reset in the answer", "tokens=9 fault=reset:3", StatusCode::kUnavailable,
       "ENGINE_STREAM_BROKEN"},
      {"blackhole", "fault=blackhole", StatusCode::kDeadlineExceeded, ""},
      {"latency with jitter", "tokens=5 rate=50 pause_first_ms=100 jitter_ms=50", StatusCode::kOk,
       ""},
      {"one byte a second", "deliver=slow:1", StatusCode::kDeadlineExceeded, ""},
      {"truncated JSON", "tokens=9 fault=truncated:2", StatusCode::kInternal,
       "ENGINE_REPLY_INVALID"},
      {"no JSON", "tokens=9 fault=garbage:1", StatusCode::kInternal, "ENGINE_REPLY_INVALID"},
      {"500", "fault=\"status:500:something odd\"", StatusCode::kInternal, "ENGINE_FAILED"},
      {"503 busy", "fault=status:503", StatusCode::kResourceExhausted, "ENGINE_BUSY"},
      {"a line of 1 GB", "fault=bigline:1073741824", StatusCode::kResourceExhausted,
       "REPLY_TOO_LARGE"},
      {"an endless stream", "fault=endless rate=200", StatusCode::kDeadlineExceeded, ""},
      {"200 without done", "tokens=9 fault=close:3", StatusCode::kUnavailable,
       "ENGINE_STREAM_BROKEN"},
      {"error after 200", "tokens=9 fault=\"error:2:it went wrong\"", StatusCode::kInternal,
       "ENGINE_FAILED"},
      {"runner died after 200", "tokens=9 fault=runner_died:3", StatusCode::kUnavailable,
       "ENGINE_RUNNER_FAILED"},
      {"silence in the answer", "tokens=9 fault=silent:2", StatusCode::kDeadlineExceeded, ""},
      {"restart in the middle of a load", "", StatusCode::kOk, "",
       [](Gateway& gateway) {
         ForgetLoad(gateway);
         const uint64_t before = gateway.engine().counters().loads_started;
         std::thread([&gateway, before] {
           EXPECT_TRUE(gateway.engine().WaitFor([before](const simulator::JournalState& state) {
             return state.counters.loads_started > before;
           }));
           ForgetLoad(gateway);
         }).detach();
       }},
      {"crash in the middle of the answer", "tokens=1000 rate=100", StatusCode::kUnavailable,
       "ENGINE_STREAM_BROKEN",
       [](Gateway& gateway) {
         const uint64_t before = gateway.engine().counters().tokens_sent;
         std::thread([&gateway, before] {
           EXPECT_TRUE(gateway.engine().WaitFor([before](const simulator::JournalState& state) {
             return state.counters.tokens_sent > before + 5;
           }));
           gateway.engine().Crash();
         }).detach();
       },
       [](Gateway& gateway) { ASSERT_TRUE(gateway.engine().Restart().ok()); },
       "ENGINE_UNREACHABLE"},
  };
}

absl::Status AskOnce(Gateway& gateway, bool streaming) {
  const auto context = Soon(kDeadline);
  if (!streaming) {
    api::GenerateResponse response;
    return FromGrpcStatus(gateway.stub().Generate(context.get(), Say("hello"), &response));
  }
  const auto stream = gateway.stub().StreamGenerate(context.get());
  api::StreamGenerateRequest start;
  *start.mutable_start() = Say("hello");
  stream->Write(start);
  stream->WritesDone();
  api::StreamGenerateResponse event;
  while (stream->Read(&event)) {
  }
  return FromGrpcStatus(stream->Finish());
}

TEST(FaultMatrixTest, EveryFaultHasItsCodeWithinTheDeadlineAndTheNextRequestIsServed) {
  GatewayOptions options = OneSlot();
  for (auto& model : options.engines[0].models) model.load_time = absl::Milliseconds(50);
  Gateway gateway(options);
  fmt::print(
      "| fault | method | code | reason | ms | next served after ms "
      "|\n|---|---|---|---|---|---|\n");
  for (const Fault& fault : Faults()) {
    for (const bool streaming : {false, true}) {
      SCOPED_TRACE(fault.name + (streaming ? ", streaming" : ", unary"));
      // Loaded, with a closed circuit.
      ASSERT_TRUE(PollUntil([&] { return gateway.Ask(Say("ready?")).ok(); }));
      if (!fault.script.empty()) gateway.engine().Script(fault.script, /*times=*/0);
      if (fault.begin) fault.begin(gateway);
      const absl::Time start = absl::Now();
      const absl::Status status = AskOnce(gateway, streaming);
      const absl::Duration took = absl::Now() - start;
      EXPECT_EQ(status.code(), fault.code) << status;
      EXPECT_EQ(ReasonOf(status),
                streaming || fault.unary_reason.empty() ? fault.reason : fault.unary_reason)
          << status;
      EXPECT_LE(took, kDeadline + kGrace);
      gateway.engine().ClearScripts();
      if (fault.end) fault.end(gateway);
      const absl::Time cleared = absl::Now();
      EXPECT_TRUE(PollUntil([&] { return gateway.Ask(Say("next")).ok(); }));
      fmt::print("| {} | {} | {} | {} | {} | {} |\n", fault.name,
                 streaming ? "StreamGenerate" : "Generate", absl::StatusCodeToString(status.code()),
                 ReasonOf(status), absl::ToInt64Milliseconds(took),
                 absl::ToInt64Milliseconds(absl::Now() - cleared));
    }
  }
}

}  // namespace
}  // namespace tessera::testing
