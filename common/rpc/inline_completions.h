// SPDX-License-Identifier: Apache-2.0
//
// Completions of gRPC's operations without a change of threads.
//
// The callback API delivers the end of every operation on a thread of gRPC's own. For a write whose
// bytes fitted into the socket, as those of a stream of tokens do, waking that thread and switching
// to it costs more than the write. Here the thread that starts an operation delivers what gRPC
// ended before it returned; everything else comes on gRPC's threads, as always.
#ifndef TESSERA_COMMON_RPC_INLINE_COMPLETIONS_H_
#define TESSERA_COMMON_RPC_INLINE_COMPLETIONS_H_

#include <grpcpp/impl/call.h>
#include <grpcpp/impl/rpc_service_method.h>

#include <utility>

#include "absl/functional/function_ref.h"

namespace tessera {

// Runs `start`, which starts an operation of a call of the callback API, and then the reactions to
// what that has ended already (OnWriteDone, OnDone), before it returns. So the caller must not hold
// a lock that a reaction takes, and the call may be gone afterwards; both as if gRPC's thread had
// been quick. A reaction that starts the next operation through here does not nest: the outermost
// runs what follows, with a bounded stack.
//
// For calls that came through a CompletionsInline handler. Where gRPC's queue of callbacks cannot
// be asked for what it has just been given only `start` runs: as correct, and slower. Thread-safe.
void StartWithInlineCompletions(absl::FunctionRef<void()> start);

// Tells StartWithInlineCompletions where gRPC delivers the completions of `call`, one of the
// callback API. Thread-safe.
void LearnCompletionQueue(const grpc::internal::Call& call);

// The handler of a method of the callback API, `Handler` of gRPC, whose calls may use
// StartWithInlineCompletions. For grpc::Service::MarkMethodCallback, which takes it over.
template <typename Handler>
class CompletionsInline final : public grpc::internal::MethodHandler {
 public:
  template <typename Method>
  explicit CompletionsInline(Method method) : handler_(std::move(method)) {}

  void RunHandler(const HandlerParameter& parameter) override {
    LearnCompletionQueue(*parameter.call);
    handler_.RunHandler(parameter);
  }
  void* Deserialize(grpc_call* call, grpc_byte_buffer* request, grpc::Status* status,
                    void** handler_data) override {
    return handler_.Deserialize(call, request, status, handler_data);
  }

 private:
  Handler handler_;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_INLINE_COMPLETIONS_H_
