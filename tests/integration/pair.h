// SPDX-License-Identifier: Apache-2.0
//
// Both services and a simulated engine in this process, on free ports of loopback.
#ifndef TESSERA_TESTS_INTEGRATION_PAIR_H_
#define TESSERA_TESTS_INTEGRATION_PAIR_H_

#include <grpcpp/client_context.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>
#include <tessera/preprocess/v1/preprocess_service.grpc.pb.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/inference/inference_server.h"
#include "services/preprocess/preprocess_server.h"
#include "simulator/ollama_simulator.h"

namespace tessera::testing {

namespace api = inference::v1;
using InferenceStub = api::InferenceService::Stub;

struct PairOptions {
  simulator::SimulatorOptions simulator = {.version = "0.33.0"};
  inference::InferenceConfig inference;  // No model is kept loaded unless one is named.
  preprocess::PreprocessConfig preprocess;
  bool with_inference = true;  // false: preprocess alone, its next hop refuses connections.
};

class Pair {
 public:
  // Dies where something cannot start. Waits until the front door says that inference serves.
  explicit Pair(PairOptions options = {});
  ~Pair();

  simulator::OllamaSimulator& engine() { return *simulator_; }
  inference::InferenceServer& inference() { return *inference_; }
  preprocess::PreprocessServer& preprocess() { return *preprocess_; }

  InferenceStub& front() { return *front_; }  // tessera-preprocess
  InferenceStub& gpu() { return *gpu_; }      // tessera-inference
  preprocess::v1::PreprocessService::Stub& pictures() { return *pictures_; }
  std::shared_ptr<grpc::Channel> front_channel() { return front_channel_; }
  std::shared_ptr<grpc::Channel> gpu_channel() { return gpu_channel_; }

  // /metrics of either service, as scraped.
  std::string ScrapePreprocess();
  std::string ScrapeInference();

  // Asserts that an ordinary request through the front door succeeds: whatever happened before,
  // nobody else's request is lost.
  void ExpectServes();

 private:
  std::unique_ptr<simulator::OllamaSimulator> simulator_;
  std::unique_ptr<inference::InferenceServer> inference_;
  std::unique_ptr<preprocess::PreprocessServer> preprocess_;
  std::shared_ptr<grpc::Channel> front_channel_;
  std::shared_ptr<grpc::Channel> gpu_channel_;
  std::unique_ptr<InferenceStub> front_;
  std::unique_ptr<InferenceStub> gpu_;
  std::unique_ptr<preprocess::v1::PreprocessService::Stub> pictures_;
};

// A context whose call ends by itself.
std::unique_ptr<grpc::ClientContext> Soon(absl::Duration timeout = absl::Minutes(1));

// Unary calls as StatusOr, with details of errors as common/status/error.h reads them.
absl::StatusOr<api::GenerateResponse> Generate(InferenceStub& stub,
                                               const api::GenerateRequest& request);
absl::StatusOr<api::ClassifyResponse> Classify(InferenceStub& stub,
                                               const api::ClassifyRequest& request);

struct StreamResult {
  absl::Status status;
  std::string text;
  std::vector<api::StreamGenerateResponse> events;
};
// What kinds of events came, one for each run of the same: values of event_case().
std::vector<int> KindsOf(const StreamResult& result);

// Sends all parts, half-closes, reads to the end.
StreamResult Stream(InferenceStub& stub, const std::vector<api::StreamGenerateRequest>& parts);

api::GenerateRequest Say(const std::string& text);
api::GenerateRequest ShowAndSay(const std::vector<std::string>& files, const std::string& text);
api::ClassifyRequest ClassifyFile(const std::string& file, const std::vector<std::string>& labels);

// Polls until `met`; false when `limit` passed.
bool PollUntil(const std::function<bool()>& met, absl::Duration limit = absl::Seconds(10));

// HTTP GET of http://127.0.0.1:port/metrics; empty when it fails.
std::string Scrape(int port);

// The value of a sample line that begins with `series`; -1 when there is none.
double Sample(const std::string& scrape, const std::string& series);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_INTEGRATION_PAIR_H_
