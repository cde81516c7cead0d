// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/front_services.h"

#include <utility>

#include "services/preprocess/call/classify_call.h"
#include "services/preprocess/call/generate_call.h"
#include "services/preprocess/call/passed_call.h"
#include "services/preprocess/call/preprocess_image_call.h"
#include "services/preprocess/call/stream_generate_call.h"

namespace tessera::preprocess {

grpc::ServerUnaryReactor* PreprocessService::PreprocessImage(
    grpc::CallbackServerContext* rpc, const v1::PreprocessImageRequest* request,
    v1::PreprocessImageResponse* response) {
  return StartPreprocessImage(context_, rpc, request, response);
}

grpc::ServerUnaryReactor* FrontInferenceService::Generate(
    grpc::CallbackServerContext* rpc, const inference::v1::GenerateRequest* request,
    inference::v1::GenerateResponse* response) {
  return StartGenerate(context_, rpc, request, response);
}

grpc::ServerBidiReactor<inference::v1::StreamGenerateRequest,
                        inference::v1::StreamGenerateResponse>*
FrontInferenceService::StreamGenerate(grpc::CallbackServerContext* rpc) {
  return StartStreamGenerate(context_, rpc);
}

grpc::ServerUnaryReactor* FrontInferenceService::Classify(
    grpc::CallbackServerContext* rpc, const inference::v1::ClassifyRequest* request,
    inference::v1::ClassifyResponse* response) {
  return StartClassify(context_, rpc, request, response);
}

grpc::ServerUnaryReactor* FrontModelService::ListModels(grpc::CallbackServerContext* rpc,
                                                        const model::v1::ListModelsRequest* request,
                                                        model::v1::ListModelsResponse* response) {
  return new PassedCall(*rpc, context_.longest_call, "ListModels", /*request_id=*/"",
                        [&](grpc::ClientContext* hop, PassedCall::Done done) {
                          context_.inference.models().ListModels(hop, request, response,
                                                                 std::move(done));
                        });
}

}  // namespace tessera::preprocess
