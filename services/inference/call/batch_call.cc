// SPDX-License-Identifier: Apache-2.0
#include "services/inference/call/batch_call.h"

#include <memory>
#include <utility>

#include "common/rpc/batch_stream.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/client_identity.h"
#include "common/status/error.h"
#include "services/inference/call/whole_answer.h"

namespace tessera::inference {
namespace {

using Stream = BatchStream<v1::BatchRequest, v1::BatchResponse>;

template <typename Request, typename Response>
using Answer = std::shared_ptr<PendingAnswer> (*)(InferenceContext&, Asker,
                                                  std::shared_ptr<const Request>,
                                                  Answered<Response>);

// `method` names the item in metrics; `place` is where its result goes.
template <typename Request, typename Response>
Stream::Cancel Run(InferenceContext& context, Asker asker, std::string_view method,
                   Answer<Request, Response> answer, Request& request,
                   Response* (v1::BatchResponse::*place)(),
                   std::function<void(absl::StatusOr<v1::BatchResponse>)> done) {
  if (request.priority() == v1::PRIORITY_UNSPECIFIED) request.set_priority(v1::PRIORITY_BATCH);
  const std::shared_ptr<PendingAnswer> pending =
      answer(context, std::move(asker), std::make_shared<const Request>(std::move(request)),
             [&context, method, place, done = std::move(done)](absl::StatusOr<Response> result) {
               context.metrics.CountBatchItem(method, result.ok());
               if (!result.ok()) return done(result.status());
               v1::BatchResponse response;
               *(response.*place)() = *std::move(result);
               done(std::move(response));
             });
  return [pending] { pending->Cancel(); };
}

Stream::Cancel Begin(InferenceContext& context, Asker asker, Stream::Item item) {
  item.started();
  v1::BatchRequest& request = item.request;
  switch (request.item_case()) {
    case v1::BatchRequest::kGenerate:
      return Run(context, std::move(asker), "generate", AnswerGenerate, *request.mutable_generate(),
                 &v1::BatchResponse::mutable_generate, std::move(item.done));
    case v1::BatchRequest::kClassify:
      return Run(context, std::move(asker), "classify", AnswerClassify, *request.mutable_classify(),
                 &v1::BatchResponse::mutable_classify, std::move(item.done));
    case v1::BatchRequest::kEmbed:
      return Run(context, std::move(asker), "embed", AnswerEmbed, *request.mutable_embed(),
                 &v1::BatchResponse::mutable_embed, std::move(item.done));
    case v1::BatchRequest::ITEM_NOT_SET:
      break;
  }
  item.done(InvalidField("item", "is required: generate, classify or embed"));
  return [] {};
}

}  // namespace

grpc::ServerBidiReactor<v1::BatchRequest, v1::BatchResponse>* StartBatch(
    InferenceContext& context, grpc::CallbackServerContext* rpc) {
  return new Stream(
      rpc, context.batch, [&context, rpc, client = ClientOf(*rpc)](Stream::Item item) {
        // An item has as long as a call of its own would have.
        const absl::Time deadline = CallDeadline(*rpc, context.longest_call);
        return Begin(context, {.client = client, .deadline = deadline}, std::move(item));
      });
}

}  // namespace tessera::inference
