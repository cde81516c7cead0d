// SPDX-License-Identifier: Apache-2.0
//
// What tessera-inference adds to a unary text request: the same requests straight to the simulated
// engine over one HTTP client, and through the service, in turns, in one run. Prints a table for
// docs/benchmarks.md; judges nothing.
#include <fmt/format.h>
#include <grpcpp/client_context.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/http/curl_http_client.h"
#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "services/inference/inference_server.h"
#include "simulator/ollama_simulator.h"

namespace tessera::testing {
namespace {

using Clock = std::chrono::steady_clock;
using Done = std::function<void(bool ok)>;
namespace api = inference::v1;

// Somebody who answers requests; Send may be called from any thread.
class Target {
 public:
  virtual ~Target() = default;
  virtual void Send(Done done) = 0;
};

class Direct : public Target {
 public:
  explicit Direct(std::string url)
      : url_(std::move(url) + "/api/chat"), client_(*MakeCurlHttpClient()) {}

  void Send(Done done) override {
    client_->Start({.method = "POST",
                    .url = url_,
                    .headers = {{"Content-Type", "application/json"}},
                    .body = kBody},
                   std::make_shared<Sink>(std::move(done)));
  }

 private:
  static constexpr char kBody[] =
      R"({"model":"llama3.2-custom","stream":true,"keep_alive":"1800000ms",)"
      R"("options":{"num_predict":4096},"messages":[{"role":"user","content":"hello"}]})";

  class Sink : public HttpResponseSink {
   public:
    explicit Sink(Done done) : done_(std::move(done)) {}
    void OnHead(const HttpHead& head) override { ok_ = head.status == 200; }
    absl::Status OnData(std::string_view) override { return absl::OkStatus(); }
    void OnDone(const absl::Status& status, const HttpStats&) override {
      done_(ok_ && status.ok());
    }

   private:
    const Done done_;
    bool ok_ = false;
  };

  const std::string url_;
  const std::unique_ptr<HttpClient> client_;
};

class Gateway : public Target {
 public:
  explicit Gateway(int port)
      : stub_(
            api::InferenceService::NewStub(MakeClientChannel(fmt::format("127.0.0.1:{}", port)))) {
    request_.add_messages()->set_role(api::ROLE_USER);
    request_.mutable_messages(0)->set_text("hello");
  }

  void Send(Done done) override {
    struct Call {
      grpc::ClientContext context;
      api::GenerateResponse response;
    };
    auto call = std::make_shared<Call>();
    stub_->async()->Generate(
        &call->context, &request_, &call->response,
        [call, done = std::move(done)](const grpc::Status& status) { done(status.ok()); });
  }

 private:
  const std::unique_ptr<api::InferenceService::Stub> stub_;
  api::GenerateRequest request_;
};

struct Figures {
  double p50_ms = 0;
  double p99_ms = 0;
  double per_second = 0;
  int64_t failed = 0;
};

// Collects latencies from many threads.
class Recorder {
 public:
  void Add(Clock::duration latency, bool ok) {
    const std::lock_guard lock(mutex_);
    if (!ok) ++failed_;
    ms_.push_back(std::chrono::duration<double, std::milli>(latency).count());
  }
  Figures Summarise(double seconds) {
    const std::lock_guard lock(mutex_);
    if (ms_.empty()) return {};
    std::sort(ms_.begin(), ms_.end());
    return {ms_[ms_.size() / 2], ms_[ms_.size() * 99 / 100],
            static_cast<double>(ms_.size()) / seconds, failed_};
  }

 private:
  std::mutex mutex_;
  std::vector<double> ms_;
  int64_t failed_ = 0;
};

// Each of `clients` sends its next request when the last one is answered.
Figures ClosedLoop(Target& target, int clients, double seconds) {
  Recorder recorder;
  std::atomic<int> running = clients;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  std::function<void()> next = [&] {
    const auto start = Clock::now();
    if (start >= end) {
      --running;
      return;
    }
    target.Send([&, start](bool ok) {
      recorder.Add(Clock::now() - start, ok);
      next();
    });
  };
  for (int i = 0; i < clients; ++i) next();
  while (running > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return recorder.Summarise(seconds);
}

// Requests leave on schedule, whatever becomes of earlier ones; latency counts from the schedule.
Figures OpenLoop(Target& target, double rate, double seconds) {
  Recorder recorder;
  std::atomic<int> open = 0;
  const auto start = Clock::now();
  const int total = static_cast<int>(rate * seconds);
  for (int i = 0; i < total; ++i) {
    const auto due = start + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(i / rate));
    std::this_thread::sleep_until(due);
    ++open;
    target.Send([&, due](bool ok) {
      recorder.Add(Clock::now() - due, ok);
      --open;
    });
  }
  while (open > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return recorder.Summarise(seconds);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Row(const std::string& name, Target& direct, Target& gateway, int rounds,
         const std::function<Figures(Target&)>& measure) {
  std::vector<double> direct_p50, direct_p99, added_p50, added_p99, rate;
  int64_t failed = 0;
  for (int round = 0; round < rounds; ++round) {
    const Figures without = measure(direct);
    const Figures with = measure(gateway);
    direct_p50.push_back(without.p50_ms);
    direct_p99.push_back(without.p99_ms);
    added_p50.push_back(with.p50_ms - without.p50_ms);
    added_p99.push_back(with.p99_ms - without.p99_ms);
    rate.push_back(with.per_second);
    failed += without.failed + with.failed;
  }
  const auto [low50, high50] = std::minmax_element(added_p50.begin(), added_p50.end());
  const auto [low99, high99] = std::minmax_element(added_p99.begin(), added_p99.end());
  std::printf(
      "| %s | %.3f | %.3f | **%.3f** [%.3f, %.3f] | **%.3f** [%.3f, %.3f] | %.0f | %lld |\n",
      name.c_str(), Median(direct_p50), Median(direct_p99), Median(added_p50), *low50, *high50,
      Median(added_p99), *low99, *high99, Median(rate), static_cast<long long>(failed));
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
  InitLogging({.service = "benchmark", .level = LogLevel::kError, .format = LogFormat::kText});
  auto simulator = simulator::OllamaSimulator::Start({}).value();
  simulator->Script("tokens=1", /*times=*/0);
  inference::InferenceConfig config;
  config.listen = config.metrics_listen = "127.0.0.1:0";
  config.ollama_url = simulator->url();
  auto server = inference::InferenceServer::Start(config).value();
  Direct direct(simulator->url());
  Gateway gateway(server->port());
  for (Target* target : {static_cast<Target*>(&direct), static_cast<Target*>(&gateway)}) {
    ClosedLoop(*target, 8, 0.5);  // Warm up: connections, allocator, branch predictors.
  }
  std::printf(
      "Unary text, one token, %d interleaved rounds of 1 s each; milliseconds; medians "
      "[lowest, highest round].\n\n"
      "| load | direct p50 | direct p99 | added p50 | added p99 | requests/s through "
      "Tessera | failed |\n|---|---|---|---|---|---|---|\n",
      rounds);
  for (const int clients : {1, 8, 64}) {
    Row(fmt::format("closed loop, {} client{}", clients, clients == 1 ? "" : "s"), direct, gateway,
        rounds, [&](Target& target) { return ClosedLoop(target, clients, 1.0); });
  }
  Row("open loop, 1,000/s", direct, gateway, rounds,
      [&](Target& target) { return OpenLoop(target, 1000, 1.0); });
  return 0;
}

}  // namespace
}  // namespace tessera::testing

int main(int argc, char** argv) { return tessera::testing::Main(argc, argv); }
