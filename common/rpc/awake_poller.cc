// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/awake_poller.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>
#include <pthread.h>

#include "absl/time/time.h"

namespace tessera {
namespace {

// Whichever thread heard the last one listens for 1,000 ms more, so two may be late.
constexpr absl::Duration kBeat = absl::Milliseconds(300);

}  // namespace

struct AwakePoller::Call {
  const grpc::Slice nothing;
  grpc::ClientContext context;
  const grpc::ByteBuffer request{&nothing, 1};
  grpc::ByteBuffer response;
};

// A channel without credentials fails every call at once, and delivers that like any other end.
AwakePoller::AwakePoller()
    : nowhere_(grpc::CreateChannel("", nullptr)), thread_([this] { Run(); }) {}

AwakePoller::~AwakePoller() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  changed_.Signal();
  thread_.join();
}

void AwakePoller::Run() {
  pthread_setname_np(pthread_self(), "tessera-awake");
  MutexLock lock(&mutex_);
  while (!stopping_) {
    if (!calling_) Beat();
    changed_.WaitFor(&mutex_, kBeat);
  }
  // The last to let go of a channel waits for gRPC's threads, so none of them may be the last.
  while (calling_) changed_.Wait(&mutex_);
}

void AwakePoller::Beat() {
  calling_ = true;
  call_ = std::make_unique<Call>();
  nowhere_.UnaryCall(&call_->context, "/awake", {}, &call_->request, &call_->response,
                     [this](const grpc::Status&) {
                       MutexLock lock(&mutex_);
                       calling_ = false;
                       if (stopping_) changed_.Signal();
                     });
}

}  // namespace tessera
