// SPDX-License-Identifier: Apache-2.0
//
// What happens under load, with engines that die, and beyond what they can serve. Short by default;
// TESSERA_LOAD=full runs it at full size (`make load`). Prints what it measures.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/rpc/client_identity.h"
#include "common/rpc/grpc_status.h"
#include "common/status/error.h"
#include "tests/integration/gateway.h"
#include "tests/support/full_size.h"
#include "tests/support/sanitized.h"

namespace tessera::testing {
namespace {

using absl::StatusCode;

double RssMib() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  statm >> pages >> pages;
  return pages * 4096 / (1 << 20);
}

double Ms(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(values.size())))];
}

// Calls in flight, and what became of each: latency in milliseconds by client and reason ("" for a
// success). Thread-safe.
class OpenCalls {
 public:
  explicit OpenCalls(Gateway& gateway) : gateway_(gateway) {}
  ~OpenCalls() { Wait(); }

  void Start(const std::string& client, absl::Duration timeout) {
    auto* const call = new Call{.request = Say("load"), .client = client, .start = absl::Now()};
    call->context.set_deadline(absl::ToChronoTime(call->start + timeout));
    call->context.AddMetadata(kClientKey, client);
    {
      MutexLock lock(&mutex_);
      ++open_;
    }
    gateway_.stub().async()->Generate(
        &call->context, &call->request, &call->response,
        [this, call](const grpc::Status& status) { End(call, FromGrpcStatus(status)); });
  }

  void Wait() {
    MutexLock lock(&mutex_);
    while (open_ > 0) changed_.WaitFor(&mutex_, absl::Seconds(1));
  }

  std::vector<double> Latencies(const std::string& client, const std::string& reason) {
    MutexLock lock(&mutex_);
    return latencies_[{client, reason}];
  }
  size_t Count(const std::string& client, const std::string& reason) {
    return Latencies(client, reason).size();
  }
  std::map<std::string, size_t> Reasons() {
    std::map<std::string, size_t> reasons;
    MutexLock lock(&mutex_);
    for (const auto& [key, values] : latencies_) reasons[key.second] += values.size();
    return reasons;
  }

 private:
  struct Call {
    grpc::ClientContext context;
    api::GenerateRequest request;
    api::GenerateResponse response;
    std::string client;
    absl::Time start;
  };

  void End(Call* call, const absl::Status& status) {
    MutexLock lock(&mutex_);
    latencies_[{call->client, ReasonOf(status)}].push_back(Ms(absl::Now() - call->start));
    --open_;
    changed_.SignalAll();
    delete call;
  }

  Gateway& gateway_;
  Mutex mutex_;
  CondVar changed_;
  int64_t open_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::pair<std::string, std::string>, std::vector<double>> latencies_
      ABSL_GUARDED_BY(mutex_);
};

// Starts calls at random moments (a Poisson process), however long each takes.
void Offer(OpenCalls& calls, double per_second, absl::Duration duration,
           const std::function<std::string(int)>& client_of, absl::Duration timeout) {
  const absl::Time end = absl::Now() + duration;
  std::mt19937 random(1);
  std::exponential_distribution<double> gap_seconds(per_second);
  absl::Time due = absl::Now();
  for (int i = 0; due < end; ++i) {
    absl::SleepFor(due - absl::Now());
    calls.Start(client_of(i), timeout);
    due += absl::Seconds(gap_seconds(random));
  }
}

// Four slots, 40 ms an answer: 100 answers a second.
GatewayOptions HundredASecond() {
  GatewayOptions options;
  for (auto& model : options.engines[0].models) model.parallel = 4;
  options.inference.ollama_num_parallel = 4;
  return options;
}
constexpr char kFortyMs[] = "tokens=5 rate=100";

TEST(LoadTest, NoUnaryRequestIsLostHoweverOftenEnginesAreKilled) {
  const int requests = FullSize() ? 10'000 : 1'000;
  const int kills = FullSize() ? 50 : 5;
  GatewayOptions options;
  options.engines.resize(2, {.version = "0.33.0"});
  options.inference.ollama_num_parallel = 4;
  Gateway gateway(options);
  for (size_t i = 0; i < 2; ++i) gateway.engine(i).Script("tokens=5 rate=500", /*times=*/0);
  std::atomic<int> left = requests;
  std::atomic<int> lost = 0;
  std::atomic<int> retried = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      while (left.fetch_sub(1) > 0) {
        const auto answer = gateway.Ask(Say("hello"));
        if (!answer.ok()) {
          ++lost;
          ADD_FAILURE() << answer.status();
        } else if (answer->completion().attempts() > 1) {
          ++retried;
        }
      }
    });
  }
  int killed = 0;
  while (left > 0) {
    // Evenly over the run, in the middle of answers, one engine at a time.
    if (requests - left < requests / (kills + 1) * (killed + 1) || killed == kills) {
      absl::SleepFor(absl::Milliseconds(1));
      continue;
    }
    simulator::OllamaSimulator& engine = gateway.engine(static_cast<size_t>(killed++ % 2));
    engine.Crash();
    absl::SleepFor(absl::Milliseconds(20));
    EXPECT_TRUE(engine.Restart().ok());
    EXPECT_TRUE(gateway.WaitForSum("tessera_inference_backend_up", 2));
  }
  for (std::thread& caller : callers) caller.join();
  fmt::print("{} unary requests, {} kills in mid-answer: {} lost, {} answered by another try\n",
             requests, killed, lost.load(), retried.load());
  EXPECT_EQ(lost, 0);
  EXPECT_GE(killed, kills);
}

TEST(LoadTest, TenTimesTheLoadTakesNothingFromThoseWhoAreServed) {
  const absl::Duration duration = absl::Seconds(FullSize() ? 60 : 4);
  GatewayOptions options = HundredASecond();
  options.inference.max_queued = 20;
  Gateway gateway(options);
  gateway.engine().Script(kFortyMs, /*times=*/0);
  const auto measure = [&](double per_second) {
    auto calls = std::make_unique<OpenCalls>(gateway);
    const absl::Time start = absl::Now();
    Offer(
        *calls, per_second, duration, [](int i) { return fmt::format("c{}", i % 10); },
        absl::Seconds(10));
    calls->Wait();
    return std::pair(std::move(calls), absl::ToDoubleSeconds(absl::Now() - start));
  };
  const auto goodput = [](OpenCalls& calls, double seconds) {
    return static_cast<double>(calls.Reasons()[""]) / seconds;
  };
  // What it serves when there is always just enough to do.
  const auto peak = measure(105);
  const double peak_rate = goodput(*peak.first, peak.second);
  const double before_mib = RssMib();
  const auto over = measure(1'000);
  const double over_rate = goodput(*over.first, over.second);
  std::vector<double> refusals, served;
  for (int i = 0; i < 10; ++i) {
    const std::string client = fmt::format("c{}", i);
    for (const char* reason : {"QUEUE_FULL", "DEADLINE_UNMEETABLE"}) {
      const auto latencies = over.first->Latencies(client, reason);
      refusals.insert(refusals.end(), latencies.begin(), latencies.end());
    }
    const auto latencies = over.first->Latencies(client, "");
    served.insert(served.end(), latencies.begin(), latencies.end());
  }
  fmt::print(
      "peak {:.1f}/s; at 1,000/s for {:.0f} s: {:.1f}/s served ({:.1f} % of peak), served p50 "
      "{:.0f} "
      "ms p99 {:.0f} ms, {} refused p50 {:.2f} ms p99 {:.2f} ms, memory {:.0f} -> {:.0f} MiB\n",
      peak_rate, absl::ToDoubleSeconds(duration), over_rate, 100 * over_rate / peak_rate,
      Percentile(served, 0.5), Percentile(served, 0.99), refusals.size(), Percentile(refusals, 0.5),
      Percentile(refusals, 0.99), before_mib, RssMib());
  for (const auto& [reason, count] : over.first->Reasons()) {
    EXPECT_TRUE(reason.empty() || reason == "QUEUE_FULL" || reason == "DEADLINE_UNMEETABLE")
        << count << " times " << reason;
  }
  if (kSanitized) return;
  // On a machine that is busy with other things; the figures above are what counts.
  EXPECT_GE(over_rate, 0.8 * peak_rate);
  EXPECT_LT(Percentile(refusals, 0.5), 50);
  EXPECT_LT(RssMib(), before_mib + 100);
}

TEST(LoadTest, AClientAtTwentyTimesItsShareDoesNotSlowOthersDown) {
  const absl::Duration duration = absl::Seconds(FullSize() ? 60 : 4);
  GatewayOptions options = HundredASecond();
  options.inference.max_queued = 64;
  Gateway gateway(options);
  gateway.engine().Script(kFortyMs, /*times=*/0);
  // Five clients with a fifth each; the fifth one asks for `its_rate`, the others for 18/s each.
  const auto measure = [&](double its_rate) {
    OpenCalls calls(gateway);
    std::thread greedy([&] {
      Offer(
          calls, its_rate, duration, [](int) { return "greedy"; }, absl::Seconds(10));
    });
    Offer(
        calls, 72, duration, [](int i) { return fmt::format("c{}", i % 4); }, absl::Seconds(10));
    greedy.join();
    calls.Wait();
    std::vector<double> others;
    size_t refused = 0;
    for (int i = 0; i < 4; ++i) {
      const auto latencies = calls.Latencies(fmt::format("c{}", i), "");
      others.insert(others.end(), latencies.begin(), latencies.end());
      refused += calls.Count(fmt::format("c{}", i), "QUEUE_FULL");
    }
    // None on a quiet machine; on a slow one it is the greedy who are sent away.
    if (!kSanitized) {
      EXPECT_LE(10 * refused, calls.Count("greedy", "QUEUE_FULL") + 100);
    }
    return others;
  };
  const auto fair = measure(18);
  const auto unfair = measure(400);
  fmt::print(
      "others at 90 % load: p50 {:.1f} ms p99 {:.1f} ms; with one client at 20 times its share: "
      "p50 "
      "{:.1f} ms p99 {:.1f} ms ({:+.0f} %)\n",
      Percentile(fair, 0.5), Percentile(fair, 0.99), Percentile(unfair, 0.5),
      Percentile(unfair, 0.99), 100 * (Percentile(unfair, 0.99) / Percentile(fair, 0.99) - 1));
  if (!kSanitized) {
    EXPECT_LT(Percentile(unfair, 0.5), 2 * Percentile(fair, 0.5) + 50);
  }
}

TEST(LoadTest, RetriesAddAtMostAFifthWhenEverythingFails) {
  const int requests = FullSize() ? 5'000 : 500;
  GatewayOptions options;
  options.engines.resize(2, {.version = "0.33.0"});
  options.inference.ollama_num_parallel = 4;
  Gateway gateway(options);
  for (size_t i = 0; i < 2; ++i) gateway.engine(i).Script("fault=reset:head", /*times=*/0);
  OpenCalls calls(gateway);
  Offer(
      calls, 200, absl::Seconds(requests / 200.0), [](int) { return "c"; }, absl::Seconds(5));
  calls.Wait();
  const size_t tries = gateway.Chats(0).size() + gateway.Chats(1).size();
  fmt::print("{} requests while everything fails: {} tries\n", requests, tries);
  EXPECT_LE(static_cast<double>(tries), 1.2 * requests + 10);
}

}  // namespace
}  // namespace tessera::testing
