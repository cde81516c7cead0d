// SPDX-License-Identifier: Apache-2.0
//
// Streaming calls with nothing to prepare: their messages go on as they come, one at a time, so
// that whoever is slower sets the pace and nothing piles up here.
#ifndef TESSERA_SERVICES_PREPROCESS_CALL_PASSED_STREAMS_H_
#define TESSERA_SERVICES_PREPROCESS_CALL_PASSED_STREAMS_H_

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/request_id.h"
#include "services/preprocess/hop/hop_context.h"
#include "services/preprocess/hop/inference_client.h"

namespace tessera::preprocess {

// The end of a passed call, as the caller shall see it.
inline grpc::Status PassedStatus(const grpc::Status& status, std::string_view method,
                                 const std::string& request_id) {
  if (status.ok()) return status;
  return ToGrpcStatus(FailedCall(StatusFromHop(status), method, request_id));
}

// One request, many responses. Deletes itself when the call is over. The caller's cancellation and
// deadline reach the hop by themselves: its context is a child of the caller's RPC.
template <typename Response>
class PassedServerStream : public grpc::ServerWriteReactor<Response>,
                           public grpc::ClientReadReactor<Response> {
 public:
  // `start` starts the same call on the hop, with this as its reactor.
  PassedServerStream(
      const grpc::CallbackServerContext& rpc, absl::Duration longest_call, std::string_view method,
      absl::FunctionRef<void(grpc::ClientContext*, grpc::ClientReadReactor<Response>*)> start)
      : method_(method), hop_(MakeHopContext(rpc, CallDeadline(rpc, longest_call))) {
    start(hop_.get(), this);
    // Until the hop's stream has been read to its end, a write may still be on its way.
    this->AddHold();
    grpc::ClientReadReactor<Response>::StartRead(&message_);
    this->StartCall();
  }

 private:
  void OnReadDone(bool ok) override {
    if (ok) {
      this->StartWrite(&message_);
    } else {
      this->RemoveHold();
    }
  }

  void OnWriteDone(bool ok) override {
    // Without a caller the hop has been cancelled, and the next read says so.
    if (!ok) hop_->TryCancel();
    grpc::ClientReadReactor<Response>::StartRead(&message_);
  }

  // The hop is over.
  void OnDone(const grpc::Status& status) override {
    this->Finish(PassedStatus(status, method_, request_id_));
  }
  // The caller's call is over.
  void OnDone() override { delete this; }

  const std::string_view method_;
  const std::string request_id_ = MakeRequestId();
  const std::unique_ptr<grpc::ClientContext> hop_;
  Response message_;
};

// Many requests, one response. As above.
template <typename Request>
class PassedClientStream : public grpc::ServerReadReactor<Request>,
                           public grpc::ClientWriteReactor<Request> {
 public:
  PassedClientStream(
      const grpc::CallbackServerContext& rpc, absl::Duration longest_call, std::string_view method,
      absl::FunctionRef<void(grpc::ClientContext*, grpc::ClientWriteReactor<Request>*)> start)
      : method_(method), hop_(MakeHopContext(rpc, CallDeadline(rpc, longest_call))) {
    start(hop_.get(), this);
    // Between two writes the caller is waited for.
    this->AddHold();
    this->StartCall();
    grpc::ServerReadReactor<Request>::StartRead(&message_);
  }

 private:
  void OnReadDone(bool ok) override {
    if (ok) {
      this->StartWrite(&message_);
    } else {
      this->StartWritesDone();
      this->RemoveHold();
    }
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      grpc::ServerReadReactor<Request>::StartRead(&message_);
    } else {
      this->RemoveHold();
    }
  }

  void OnDone(const grpc::Status& status) override {
    this->Finish(PassedStatus(status, method_, request_id_));
  }
  void OnDone() override { delete this; }

  const std::string_view method_;
  const std::string request_id_ = MakeRequestId();
  const std::unique_ptr<grpc::ClientContext> hop_;
  Request message_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_CALL_PASSED_STREAMS_H_
