// SPDX-License-Identifier: Apache-2.0
//
// A unary call with nothing to prepare: it goes on as it came, its response comes back as it is.
#ifndef TESSERA_SERVICES_PREPROCESS_CALL_PASSED_CALL_H_
#define TESSERA_SERVICES_PREPROCESS_CALL_PASSED_CALL_H_

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

namespace tessera::preprocess {

// Deletes itself when the call is over. The caller's cancellation and deadline reach the hop by
// themselves: its context is a child of the caller's RPC.
class PassedCall : public grpc::ServerUnaryReactor {
 public:
  using Done = std::function<void(grpc::Status)>;
  // `start` starts the same call on the hop, with the context and the callback it is given.
  // `method` and `request_id` (made up when empty) name the call in errors and logs.
  PassedCall(const grpc::CallbackServerContext& rpc, absl::Duration longest_call,
             std::string_view method, std::string request_id,
             absl::FunctionRef<void(grpc::ClientContext*, Done)> start);

 private:
  void End(const grpc::Status& status);
  void OnDone() override { delete this; }

  const std::string_view method_;
  const std::string request_id_;
  const std::unique_ptr<grpc::ClientContext> hop_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_CALL_PASSED_CALL_H_
