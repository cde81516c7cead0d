// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/call/batch_call.h"

#include <memory>
#include <utility>

#include "common/rpc/batch_stream.h"
#include "common/rpc/call_deadline.h"
#include "common/status/error.h"
#include "services/preprocess/hop/hop_context.h"
#include "services/preprocess/hop/prepared_call.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;

using Stream = BatchStream<api::BatchRequest, api::BatchResponse>;

// `place` is where the item's result goes.
template <typename Request, typename Response>
Stream::Cancel Run(PreprocessContext& context, const grpc::CallbackServerContext& rpc,
                   Request& request, Response* (api::BatchResponse::*place)(), Stream::Item& item) {
  if (request.priority() == api::PRIORITY_UNSPECIFIED) request.set_priority(api::PRIORITY_BATCH);
  // An item has as long as a call of its own would have.
  const absl::Time deadline = CallDeadline(rpc, context.longest_call);
  const auto call = std::make_shared<PreparedCall<Request, Response>>(
      context, MakeHopContext(rpc, deadline), deadline, std::move(request));
  call->Start(
      [place, done = std::move(item.done)](absl::StatusOr<Response> result) {
        if (!result.ok()) return done(result.status());
        api::BatchResponse response;
        *(response.*place)() = *std::move(result);
        done(std::move(response));
      },
      std::move(item.started));
  return [call] { call->Cancel(); };
}

Stream::Cancel Begin(PreprocessContext& context, const grpc::CallbackServerContext& rpc,
                     Stream::Item item) {
  api::BatchRequest& request = item.request;
  switch (request.item_case()) {
    case api::BatchRequest::kGenerate:
      return Run(context, rpc, *request.mutable_generate(), &api::BatchResponse::mutable_generate,
                 item);
    case api::BatchRequest::kClassify:
      return Run(context, rpc, *request.mutable_classify(), &api::BatchResponse::mutable_classify,
                 item);
    case api::BatchRequest::kEmbed:
      return Run(context, rpc, *request.mutable_embed(), &api::BatchResponse::mutable_embed, item);
    case api::BatchRequest::ITEM_NOT_SET:
      break;
  }
  item.done(InvalidField("item", "is required: generate, classify or embed"));
  return [] {};
}

}  // namespace

grpc::ServerBidiReactor<api::BatchRequest, api::BatchResponse>* StartBatch(
    PreprocessContext& context, grpc::CallbackServerContext* rpc) {
  return new Stream(rpc, context.batch, [&context, rpc](Stream::Item item) {
    return Begin(context, *rpc, std::move(item));
  });
}

}  // namespace tessera::preprocess
