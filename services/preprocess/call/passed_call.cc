// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/call/passed_call.h"

#include <utility>

#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/request_id.h"
#include "services/preprocess/hop/hop_context.h"
#include "services/preprocess/hop/inference_client.h"

namespace tessera::preprocess {

PassedCall::PassedCall(const grpc::CallbackServerContext& rpc, absl::Duration longest_call,
                       std::string_view method, std::string request_id,
                       absl::FunctionRef<void(grpc::ClientContext*, Done)> start)
    : method_(method),
      request_id_(request_id.empty() ? MakeRequestId() : std::move(request_id)),
      hop_(MakeHopContext(rpc, CallDeadline(rpc, longest_call))) {
  start(hop_.get(), [this](const grpc::Status& status) { End(status); });
}

void PassedCall::End(const grpc::Status& status) {
  if (status.ok()) return Finish(status);
  Finish(ToGrpcStatus(FailedCall(StatusFromHop(status), method_, request_id_)));
}

}  // namespace tessera::preprocess
