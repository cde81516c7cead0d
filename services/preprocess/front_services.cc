// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/front_services.h"

#include <utility>

#include "services/preprocess/call/batch_call.h"
#include "services/preprocess/call/passed_call.h"
#include "services/preprocess/call/passed_streams.h"
#include "services/preprocess/call/preprocess_image_call.h"
#include "services/preprocess/call/stream_generate_call.h"
#include "services/preprocess/call/stream_preprocess_call.h"
#include "services/preprocess/call/unary_calls.h"

namespace tessera::preprocess {

grpc::ServerUnaryReactor* PreprocessService::PreprocessImage(
    grpc::CallbackServerContext* rpc, const v1::PreprocessImageRequest* request,
    v1::PreprocessImageResponse* response) {
  return StartPreprocessImage(context_, rpc, request, response);
}

grpc::ServerBidiReactor<v1::StreamPreprocessRequest, v1::StreamPreprocessResponse>*
PreprocessService::StreamPreprocess(grpc::CallbackServerContext* rpc) {
  return StartStreamPreprocess(context_, rpc);
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

grpc::ServerUnaryReactor* FrontInferenceService::Embed(grpc::CallbackServerContext* rpc,
                                                       const inference::v1::EmbedRequest* request,
                                                       inference::v1::EmbedResponse* response) {
  return StartEmbed(context_, rpc, request, response);
}

grpc::ServerBidiReactor<inference::v1::BatchRequest, inference::v1::BatchResponse>*
FrontInferenceService::Batch(grpc::CallbackServerContext* rpc) {
  return StartBatch(context_, rpc);
}

namespace {

using Models = model::v1::ModelService::StubInterface::async_interface;

// Fetching or uploading a model takes hours where the line is thin.
constexpr absl::Duration kLongestModelCall = absl::Hours(24);

template <typename Request, typename Response>
using UnaryMethod = void (Models::*)(grpc::ClientContext*, const Request*, Response*,
                                     std::function<void(grpc::Status)>);

template <typename Request, typename Response>
grpc::ServerUnaryReactor* PassOn(grpc::CallbackServerContext& rpc, PreprocessContext& context,
                                 std::string_view name, UnaryMethod<Request, Response> method,
                                 const Request* request, Response* response) {
  return new PassedCall(rpc, kLongestModelCall, name, /*request_id=*/"",
                        [&](grpc::ClientContext* hop, PassedCall::Done done) {
                          (context.inference.models().*method)(hop, request, response,
                                                               std::move(done));
                        });
}

}  // namespace

grpc::ServerUnaryReactor* FrontModelService::ListModels(grpc::CallbackServerContext* rpc,
                                                        const model::v1::ListModelsRequest* request,
                                                        model::v1::ListModelsResponse* response) {
  return new PassedCall(*rpc, context_.longest_call, "ListModels", /*request_id=*/"",
                        [&](grpc::ClientContext* hop, PassedCall::Done done) {
                          context_.inference.models().ListModels(hop, request, response,
                                                                 std::move(done));
                        });
}

grpc::ServerUnaryReactor* FrontModelService::ShowModel(grpc::CallbackServerContext* rpc,
                                                       const model::v1::ShowModelRequest* request,
                                                       model::v1::ShowModelResponse* response) {
  return PassOn(*rpc, context_, "ShowModel", &Models::ShowModel, request, response);
}

grpc::ServerUnaryReactor* FrontModelService::ListRunningModels(
    grpc::CallbackServerContext* rpc, const model::v1::ListRunningModelsRequest* request,
    model::v1::ListRunningModelsResponse* response) {
  return PassOn(*rpc, context_, "ListRunningModels", &Models::ListRunningModels, request, response);
}

grpc::ServerUnaryReactor* FrontModelService::PredictMemory(
    grpc::CallbackServerContext* rpc, const model::v1::PredictMemoryRequest* request,
    model::v1::PredictMemoryResponse* response) {
  return PassOn(*rpc, context_, "PredictMemory", &Models::PredictMemory, request, response);
}

grpc::ServerUnaryReactor* FrontModelService::LoadModel(grpc::CallbackServerContext* rpc,
                                                       const model::v1::LoadModelRequest* request,
                                                       model::v1::LoadModelResponse* response) {
  return PassOn(*rpc, context_, "LoadModel", &Models::LoadModel, request, response);
}

grpc::ServerUnaryReactor* FrontModelService::UnloadModel(
    grpc::CallbackServerContext* rpc, const model::v1::UnloadModelRequest* request,
    model::v1::UnloadModelResponse* response) {
  return PassOn(*rpc, context_, "UnloadModel", &Models::UnloadModel, request, response);
}

grpc::ServerUnaryReactor* FrontModelService::FindMissingBlobs(
    grpc::CallbackServerContext* rpc, const model::v1::FindMissingBlobsRequest* request,
    model::v1::FindMissingBlobsResponse* response) {
  return PassOn(*rpc, context_, "FindMissingBlobs", &Models::FindMissingBlobs, request, response);
}

grpc::ServerUnaryReactor* FrontModelService::CopyModel(grpc::CallbackServerContext* rpc,
                                                       const model::v1::CopyModelRequest* request,
                                                       model::v1::CopyModelResponse* response) {
  return PassOn(*rpc, context_, "CopyModel", &Models::CopyModel, request, response);
}

grpc::ServerUnaryReactor* FrontModelService::DeleteModel(
    grpc::CallbackServerContext* rpc, const model::v1::DeleteModelRequest* request,
    model::v1::DeleteModelResponse* response) {
  return PassOn(*rpc, context_, "DeleteModel", &Models::DeleteModel, request, response);
}

grpc::ServerWriteReactor<model::v1::PullModelResponse>* FrontModelService::PullModel(
    grpc::CallbackServerContext* rpc, const model::v1::PullModelRequest* request) {
  return new PassedServerStream<model::v1::PullModelResponse>(
      *rpc, kLongestModelCall, "PullModel", [&](grpc::ClientContext* hop, auto* reactor) {
        context_.inference.models().PullModel(hop, request, reactor);
      });
}

grpc::ServerWriteReactor<model::v1::CreateModelResponse>* FrontModelService::CreateModel(
    grpc::CallbackServerContext* rpc, const model::v1::CreateModelRequest* request) {
  return new PassedServerStream<model::v1::CreateModelResponse>(
      *rpc, kLongestModelCall, "CreateModel", [&](grpc::ClientContext* hop, auto* reactor) {
        context_.inference.models().CreateModel(hop, request, reactor);
      });
}

grpc::ServerReadReactor<model::v1::UploadBlobRequest>* FrontModelService::UploadBlob(
    grpc::CallbackServerContext* rpc, model::v1::UploadBlobResponse* response) {
  return new PassedClientStream<model::v1::UploadBlobRequest>(
      *rpc, kLongestModelCall, "UploadBlob", [&](grpc::ClientContext* hop, auto* reactor) {
        context_.inference.models().UploadBlob(hop, response, reactor);
      });
}

}  // namespace tessera::preprocess
