// SPDX-License-Identifier: Apache-2.0
//
// The way to tessera-inference: one channel, its stub, and a watch on its health.
#ifndef TESSERA_SERVICES_PREPROCESS_HOP_INFERENCE_CLIENT_H_
#define TESSERA_SERVICES_PREPROCESS_HOP_INFERENCE_CLIENT_H_

#include <grpcpp/channel.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>
#include <tessera/model/v1/model_service.grpc.pb.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/notification.h"

namespace tessera::preprocess {

// What an error of the hop means to our caller: errors of tessera-inference pass unchanged; a
// connection that failed is UNAVAILABLE, reason INFERENCE_UNREACHABLE.
absl::Status StatusFromHop(const grpc::Status& status);

// Thread-safe.
class InferenceClient {
 public:
  explicit InferenceClient(const std::string& address);

  inference::v1::InferenceService::StubInterface::async_interface& async() {
    return *stub_->async();
  }
  model::v1::ModelService::StubInterface::async_interface& models() { return *models_->async(); }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<inference::v1::InferenceService::Stub> stub_;
  const std::unique_ptr<model::v1::ModelService::Stub> models_;
};

// Asks again and again, on a thread of its own, whether tessera-inference is SERVING. Thread-safe;
// the destructor ends the thread.
class HealthWatch {
 public:
  // `on_health` is called on the watch's thread after each check.
  HealthWatch(std::shared_ptr<grpc::Channel> channel, absl::Duration interval,
              std::function<void(bool serving)> on_health);
  ~HealthWatch();

 private:
  void Run();

  const std::shared_ptr<grpc::Channel> channel_;
  const absl::Duration interval_;
  const std::function<void(bool)> on_health_;
  Notification stop_;
  std::thread thread_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_HOP_INFERENCE_CLIENT_H_
