// SPDX-License-Identifier: Apache-2.0
#include "services/inference/inference_service.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/support/method_handler.h>

#include "common/rpc/inline_completions.h"
#include "services/inference/call/batch_call.h"
#include "services/inference/call/stream_generate_call.h"
#include "services/inference/call/unary_calls.h"

namespace tessera::inference {

InferenceService::InferenceService(InferenceContext& context) : context_(context) {
  using Handler =
      grpc::internal::CallbackBidiHandler<v1::StreamGenerateRequest, v1::StreamGenerateResponse>;
  const int stream_generate = google::protobuf::DescriptorPool::generated_pool()
                                  ->FindServiceByName(v1::InferenceService::service_full_name())
                                  ->FindMethodByName("StreamGenerate")
                                  ->index();
  MarkMethodCallback(stream_generate, new CompletionsInline<Handler>(
                                          [this](auto* rpc) { return StreamGenerate(rpc); }));
}

grpc::ServerUnaryReactor* InferenceService::Generate(grpc::CallbackServerContext* rpc,
                                                     const v1::GenerateRequest* request,
                                                     v1::GenerateResponse* response) {
  return StartGenerate(context_, rpc, request, response);
}

grpc::ServerBidiReactor<v1::StreamGenerateRequest, v1::StreamGenerateResponse>*
InferenceService::StreamGenerate(grpc::CallbackServerContext* rpc) {
  return StartStreamGenerate(context_, rpc);
}

grpc::ServerUnaryReactor* InferenceService::Classify(grpc::CallbackServerContext* rpc,
                                                     const v1::ClassifyRequest* request,
                                                     v1::ClassifyResponse* response) {
  return StartClassify(context_, rpc, request, response);
}

grpc::ServerUnaryReactor* InferenceService::Embed(grpc::CallbackServerContext* rpc,
                                                  const v1::EmbedRequest* request,
                                                  v1::EmbedResponse* response) {
  return StartEmbed(context_, rpc, request, response);
}

grpc::ServerBidiReactor<v1::BatchRequest, v1::BatchResponse>* InferenceService::Batch(
    grpc::CallbackServerContext* rpc) {
  return StartBatch(context_, rpc);
}

}  // namespace tessera::inference
