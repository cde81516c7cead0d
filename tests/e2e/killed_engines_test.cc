// SPDX-License-Identifier: Apache-2.0
//
// Engines that are processes of their own, killed with SIGKILL in the middle of answers while
// others are being asked. Short by default; TESSERA_LOAD=full runs it at full size (`make load`).
// Prints what it saw.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/status/error.h"
#include "tests/e2e/child_process.h"
#include "tests/integration/gateway.h"
#include "tests/support/full_size.h"

namespace tessera::testing {
namespace {

// A simulated engine that comes back at the address it had.
class Engine {
 public:
  Engine() {
    Start("0");
    // "ollama-simulator 0.1.0 at http://127.0.0.1:PORT, state at ..."
    const size_t from = process_->first_line().find("http://");
    url_ = process_->first_line().substr(from, process_->first_line().find(',') - from);
  }

  const std::string& url() const { return url_; }
  void Kill() { process_->Kill(); }
  void Restart() { Start(url_.substr(url_.rfind(':') + 1)); }

 private:
  void Start(const std::string& port) {
    process_.reset();
    process_ = std::make_unique<Victim>(
        std::vector<std::string>{TESSERA_BINARY_DIR "/ollama-simulator", "--port", port, "--rate",
                                 "500", "--tokens", "5", "--parallel", "4"});
  }

  std::unique_ptr<Victim> process_;
  std::string url_;
};

// What became of streams: by reason ("" where it came to its end), how many and with how much.
struct Ends {
  int streams = 0;
  int with_text = 0;
};

class KilledEnginesTest : public ::testing::Test {
 protected:
  KilledEnginesTest() : gateway_(Options()) {}

  GatewayOptions Options() {
    GatewayOptions options;
    options.engines.clear();
    for (const Engine& engine : engines_) options.engine_urls.push_back(engine.url());
    options.inference.ollama_num_parallel = 4;
    return options;
  }

  void AskOne() {
    const auto answer = gateway_.Ask(Say("hello"));
    if (!answer.ok()) {
      ++lost_;
      ADD_FAILURE() << answer.status();
    } else if (answer->completion().attempts() > 1) {
      ++retried_;
    }
  }

  void StreamOne() {
    const StreamResult result = gateway_.AskStreaming(Say("hello"));
    const std::string reason = ReasonOf(result.status);
    EXPECT_TRUE(result.status.ok() || absl::IsUnavailable(result.status)) << result.status;
    MutexLock lock(&mutex_);
    ++ends_[reason].streams;
    if (!result.text.empty()) ++ends_[reason].with_text;
  }

  void KillOne(size_t index) {
    engines_[index].Kill();
    engines_[index].Restart();
    EXPECT_TRUE(gateway_.WaitForSum("tessera_inference_backend_up", 2));
  }

  Engine engines_[2];
  Gateway gateway_;
  std::atomic<int> lost_ = 0;
  std::atomic<int> retried_ = 0;
  Mutex mutex_;
  std::map<std::string, Ends> ends_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(KilledEnginesTest, NoUnaryRequestIsLostAndStreamsEndWithWhatTheyHad) {
  const int requests = FullSize() ? 12'500 : 1'250;
  const int kills = FullSize() ? 50 : 5;
  std::atomic<int> left = requests;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      for (int number = left--; number > 0; number = left--) {
        number % 5 == 0 ? StreamOne() : AskOne();
      }
    });
  }
  int killed = 0;
  while (left > 0) {
    // Evenly over the run, one engine at a time.
    if (killed < kills && requests - left >= requests / (kills + 1) * (killed + 1)) {
      KillOne(static_cast<size_t>(killed++ % 2));
    } else {
      absl::SleepFor(absl::Milliseconds(1));
    }
  }
  for (std::thread& caller : callers) caller.join();
  fmt::print("{} unary requests, {} engines killed: {} lost, {} answered by another try\n",
             requests / 5 * 4, killed, lost_.load(), retried_.load());
  MutexLock lock(&mutex_);
  for (const auto& [reason, ends] : ends_) {
    fmt::print("  {} streams ended {}, {} of them after text\n", ends.streams,
               reason.empty() ? "well" : "with " + reason, ends.with_text);
  }
  EXPECT_EQ(lost_, 0);
  EXPECT_GE(killed, kills);
  EXPECT_EQ(ends_[""].with_text, ends_[""].streams);
}

}  // namespace
}  // namespace tessera::testing
