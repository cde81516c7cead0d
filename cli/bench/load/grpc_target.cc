// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/load/grpc_target.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <atomic>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "common/rpc/awake_poller.h"

namespace tessera::bench {
namespace {

namespace api = inference::v1;

constexpr uint32_t kPictureSidePx = 768;

// Calls in flight. Thread-safe.
class Contexts {
 public:
  void Add(grpc::ClientContext* context) {
    const std::lock_guard lock(mutex_);
    open_.insert(context);
  }
  void Remove(grpc::ClientContext* context) {
    const std::lock_guard lock(mutex_);
    open_.erase(context);
  }
  void CancelAll() {
    const std::lock_guard lock(mutex_);
    for (grpc::ClientContext* const context : open_) context->TryCancel();
  }

 private:
  std::mutex mutex_;
  std::set<grpc::ClientContext*> open_;
};

// One StreamGenerate; deletes itself.
class Stream
    : public grpc::ClientBidiReactor<api::StreamGenerateRequest, api::StreamGenerateResponse> {
 public:
  Stream(api::InferenceService::Stub& stub, const api::GenerateRequest& request, Exchange exchange,
         Contexts& contexts)
      : contexts_(contexts), exchange_(std::move(exchange)) {
    contexts_.Add(&context_);
    *first_.mutable_start() = request;
    stub.async()->StreamGenerate(&context_, this);
    StartWriteLast(&first_, {});
    StartRead(&event_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (event_.has_text() && exchange_.on_piece) exchange_.on_piece(event_.text().text());
    StartRead(&event_);
  }

  void OnDone(const grpc::Status& status) override {
    contexts_.Remove(&context_);
    exchange_.on_done(status.ok());
    delete this;
  }

 private:
  Contexts& contexts_;
  const Exchange exchange_;
  grpc::ClientContext context_;
  api::StreamGenerateRequest first_;
  api::StreamGenerateResponse event_;
};

class GrpcTarget : public Target {
 public:
  GrpcTarget(const std::string& address, const LoadQuestion& question, int connections)
      : stream_(question.stream), request_(ToGenerateRequest(question)) {
    for (int i = 0; i < connections; ++i) {
      grpc::ChannelArguments arguments;
      // Else all channels to one address share one connection.
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      arguments.SetMaxReceiveMessageSize(-1);
      stubs_.push_back(api::InferenceService::NewStub(
          grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  void Send(Exchange exchange) override {
    api::InferenceService::Stub& stub = *stubs_[next_.fetch_add(1) % stubs_.size()];
    if (stream_) {
      new Stream(stub, request_, std::move(exchange), contexts_);
      return;
    }
    struct Call {
      grpc::ClientContext context;
      api::GenerateResponse response;
    };
    auto call = std::make_shared<Call>();
    contexts_.Add(&call->context);
    stub.async()->Generate(
        &call->context, &request_, &call->response,
        [this, call, exchange = std::move(exchange)](const grpc::Status& status) {
          contexts_.Remove(&call->context);
          exchange.on_done(status.ok());
        });
  }

  void CancelAll() override { contexts_.CancelAll(); }

 private:
  const bool stream_;
  const api::GenerateRequest request_;
  std::vector<std::unique_ptr<api::InferenceService::Stub>> stubs_;
  std::atomic<size_t> next_ = 0;
  Contexts contexts_;
  // Else what is measured after a pause is this process, too.
  const AwakePoller awake_poller_;
};

}  // namespace

api::GenerateRequest ToGenerateRequest(const LoadQuestion& question) {
  api::GenerateRequest request;
  // Every request asks the engine, as every request to the others does.
  request.set_cache_policy(api::CACHE_POLICY_OFF);
  api::Message& message = *request.add_messages();
  message.set_role(api::ROLE_USER);
  message.set_text(question.prompt);
  request.set_model(question.model);
  if (question.max_tokens > 0) {
    request.mutable_sampling()->set_max_output_tokens(static_cast<uint32_t>(question.max_tokens));
  }
  if (question.picture_is_file && !question.picture.empty()) {
    message.add_images()->set_content(question.picture);
  } else if (!question.picture.empty()) {
    image::v1::PreparedImage& picture = *message.add_images()->mutable_prepared();
    picture.set_data(question.picture);
    picture.set_encoding(image::v1::IMAGE_ENCODING_JPEG);
    picture.set_width_px(kPictureSidePx);
    picture.set_height_px(kPictureSidePx);
    picture.set_pixel_digest(std::string(32, 'p'));
  }
  return request;
}

std::unique_ptr<Target> MakeGrpcTarget(const std::string& address, const LoadQuestion& question,
                                       int connections) {
  return std::make_unique<GrpcTarget>(address, question, connections);
}

}  // namespace tessera::bench
