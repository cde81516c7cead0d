// SPDX-License-Identifier: Apache-2.0
//
// tessera-inference alone, in front of as many simulated engines as a test wants, and callers that
// do not wait for each other.
#ifndef TESSERA_TESTS_INTEGRATION_GATEWAY_H_
#define TESSERA_TESTS_INTEGRATION_GATEWAY_H_

#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/inference/inference_server.h"
#include "simulator/ollama_simulator.h"
#include "tests/integration/pair.h"

namespace tessera::testing {

struct GatewayOptions {
  std::vector<simulator::SimulatorOptions> engines{{.version = "0.33.0"}};
  std::vector<std::string> engine_urls;  // Further ones, which run elsewhere.
  inference::InferenceConfig inference;  // No model is kept loaded unless one is named.
};

// What a caller says about itself and its call.
struct Caller {
  std::string name;
  absl::Duration timeout = absl::Seconds(30);
};

class Gateway {
 public:
  // Dies where something cannot start. Waits until every engine was seen.
  explicit Gateway(GatewayOptions options = {});
  ~Gateway();

  simulator::OllamaSimulator& engine(size_t index = 0) { return *engines_[index]; }
  size_t engines() const { return engines_.size(); }
  InferenceStub& stub() { return *stub_; }
  inference::InferenceServer& server() { return *server_; }

  absl::StatusOr<api::GenerateResponse> Ask(const api::GenerateRequest& request,
                                            const Caller& caller = {});
  // The same on a thread of its own.
  std::future<absl::StatusOr<api::GenerateResponse>> AskLater(api::GenerateRequest request,
                                                              Caller caller = {});
  StreamResult AskStreaming(const api::GenerateRequest& request);

  std::string Scrape() { return testing::Scrape(server_->metrics_port()); }
  // Sum of all samples of `metric` whose labels contain `labels`; 0 when there is none.
  double Sum(const std::string& metric, const std::string& labels = "");
  // Until a sum is at least `value`.
  bool WaitForSum(const std::string& metric, double value, const std::string& labels = "");

  // Chats that the engines have seen, in order of arrival.
  std::vector<simulator::RequestRecord> Chats(size_t engine = 0);

 private:
  std::vector<std::unique_ptr<simulator::OllamaSimulator>> engines_;
  std::unique_ptr<inference::InferenceServer> server_;
  std::unique_ptr<InferenceStub> stub_;
};

// Limits and intervals that suit tests; one slot for each model.
GatewayOptions OneSlot(size_t engines = 1);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_INTEGRATION_GATEWAY_H_
