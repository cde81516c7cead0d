// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/inline_completions.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/method_handler.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "common/concurrency/notification.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_server.h"
#include "tests/support/status_matchers.h"

namespace tessera {
namespace {

namespace api = inference::v1;
using testing::IsOk;

class Call
    : public grpc::ServerBidiReactor<api::StreamGenerateRequest, api::StreamGenerateResponse> {
 public:
  explicit Call(std::function<void(Call&, bool)> on_write_done, Notification& gone)
      : on_write_done_(std::move(on_write_done)), gone_(gone) {}

  void Write(size_t bytes) {
    message_.mutable_text()->set_text(std::string(bytes, 'x'));
    StartWithInlineCompletions([&] { StartWrite(&message_); });
  }
  void End() {
    StartWithInlineCompletions([&] { Finish(grpc::Status::OK); });
  }

 private:
  void OnWriteDone(bool ok) override { on_write_done_(*this, ok); }
  void OnDone() override {
    Notification& gone = gone_;
    delete this;
    gone.Notify();
  }

  const std::function<void(Call&, bool)> on_write_done_;
  Notification& gone_;
  api::StreamGenerateResponse message_;
};

class Service : public api::InferenceService::CallbackService {
 public:
  Service() {
    const int index = google::protobuf::DescriptorPool::generated_pool()
                          ->FindServiceByName(api::InferenceService::service_full_name())
                          ->FindMethodByName("StreamGenerate")
                          ->index();
    using Handler = grpc::internal::CallbackBidiHandler<api::StreamGenerateRequest,
                                                        api::StreamGenerateResponse>;
    MarkMethodCallback(
        index, new CompletionsInline<Handler>([this](auto* rpc) { return StreamGenerate(rpc); }));
  }

  grpc::ServerBidiReactor<api::StreamGenerateRequest, api::StreamGenerateResponse>* StreamGenerate(
      grpc::CallbackServerContext*) override {
    call = new Call(on_write_done, gone);
    arrived.Notify();
    return call;
  }

  std::function<void(Call&, bool)> on_write_done;
  Call* call = nullptr;
  Notification arrived;
  Notification gone;
};

class InlineCompletionsTest : public ::testing::Test {
 protected:
  InlineCompletionsTest() {
    auto server = GrpcServer::Start(
        {.services = {{api::InferenceService::service_full_name(), &service_}}}, registry_);
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    channel_ = MakeClientChannel("127.0.0.1:" + std::to_string(server_->port()));
    stub_ = api::InferenceService::NewStub(channel_);
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }

  // The server's side of a new call.
  Call& Connect() {
    stream_ = stub_->StreamGenerate(&context_);
    service_.arrived.Wait();
    return *service_.call;
  }

  // Until the end of the stream.
  int ReadAll() {
    int messages = 0;
    for (api::StreamGenerateResponse message; stream_->Read(&message);) ++messages;
    EXPECT_TRUE(stream_->Finish().ok());
    return messages;
  }

  Service service_;
  prometheus::Registry registry_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<api::InferenceService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<api::StreamGenerateRequest, api::StreamGenerateResponse>>
      stream_;
};

TEST_F(InlineCompletionsTest, WritesEndOnTheThreadThatStartedThem) {
  constexpr int kWrites = 100;
  std::atomic<int> ended = 0;
  std::atomic<int> ended_here = 0;
  const std::thread::id here = std::this_thread::get_id();
  service_.on_write_done = [&](Call&, bool ok) {
    EXPECT_TRUE(ok);
    if (std::this_thread::get_id() == here) ++ended_here;
    ++ended;
  };
  Call& call = Connect();
  for (int i = 1; i <= kWrites; ++i) {
    call.Write(8);
    // Now and then gRPC's own thread works on the connection and takes the write along.
    while (ended < i) std::this_thread::yield();
  }
  call.End();
  EXPECT_EQ(ReadAll(), kWrites);
  service_.gone.Wait();
  EXPECT_GT(ended_here, 0);
}

TEST_F(InlineCompletionsTest, AWriteThatEndsLaterEndsOnAnotherThread) {
  Notification ended;
  std::thread::id thread;
  service_.on_write_done = [&](Call&, bool ok) {
    EXPECT_TRUE(ok);
    thread = std::this_thread::get_id();
    ended.Notify();
  };
  Call& call = Connect();
  // More than a connection takes of a stream that nobody reads.
  call.Write(size_t{16} << 20);
  EXPECT_FALSE(ended.HasBeenNotified());
  api::StreamGenerateResponse message;
  EXPECT_TRUE(stream_->Read(&message));
  ended.Wait();
  EXPECT_NE(thread, std::this_thread::get_id());
  call.End();
  EXPECT_EQ(ReadAll(), 0);
  service_.gone.Wait();
}

TEST_F(InlineCompletionsTest, AChainOfWritesDoesNotNest) {
  constexpr int kWrites = 20'000;
  int written = 0;
  thread_local int depth = 0;
  std::atomic<int> deepest = 0;
  service_.on_write_done = [&](Call& call, bool ok) {
    EXPECT_TRUE(ok);
    ++depth;
    if (depth > deepest) deepest = depth;
    if (++written < kWrites) {
      call.Write(8);
      --depth;
    } else {
      --depth;
      call.End();
    }
  };
  Connect().Write(8);
  EXPECT_EQ(ReadAll(), kWrites);
  service_.gone.Wait();
  // One by gRPC, and one by the write that the former started.
  EXPECT_LE(deepest, 2);
}

TEST_F(InlineCompletionsTest, ACallWhoseCallerIsGoneEnds) {
  Notification ended;
  service_.on_write_done = [&](Call&, bool) { ended.Notify(); };
  Call& call = Connect();
  call.Write(size_t{16} << 20);
  context_.TryCancel();
  ended.Wait();
  call.End();
  service_.gone.Wait();
}

}  // namespace
}  // namespace tessera
