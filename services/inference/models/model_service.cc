// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/model_service.h"

#include "services/inference/models/list_models_call.h"
#include "services/inference/models/load_model_call.h"
#include "services/inference/models/model_change_calls.h"
#include "services/inference/models/model_question_calls.h"
#include "services/inference/models/predict_memory_call.h"
#include "services/inference/models/progress_call.h"
#include "services/inference/models/upload_blob_call.h"

namespace tessera::inference {
grpc::ServerUnaryReactor* ModelService::ListModels(grpc::CallbackServerContext* rpc,
                                                   const model::v1::ListModelsRequest*,
                                                   model::v1::ListModelsResponse* response) {
  return StartListModels(context_, rpc, response);
}

grpc::ServerUnaryReactor* ModelService::ShowModel(grpc::CallbackServerContext* rpc,
                                                  const model::v1::ShowModelRequest* request,
                                                  model::v1::ShowModelResponse* response) {
  return StartShowModel(context_, rpc, request, response);
}

grpc::ServerUnaryReactor* ModelService::ListRunningModels(
    grpc::CallbackServerContext* rpc, const model::v1::ListRunningModelsRequest*,
    model::v1::ListRunningModelsResponse* response) {
  return StartListRunningModels(context_, rpc, response);
}

grpc::ServerUnaryReactor* ModelService::PredictMemory(
    grpc::CallbackServerContext* rpc, const model::v1::PredictMemoryRequest* request,
    model::v1::PredictMemoryResponse* response) {
  return StartPredictMemory(context_, rpc, request, response);
}

grpc::ServerUnaryReactor* ModelService::LoadModel(grpc::CallbackServerContext* rpc,
                                                  const model::v1::LoadModelRequest* request,
                                                  model::v1::LoadModelResponse* response) {
  return StartLoadModel(context_, rpc, request, response);
}

grpc::ServerUnaryReactor* ModelService::UnloadModel(grpc::CallbackServerContext* rpc,
                                                    const model::v1::UnloadModelRequest* request,
                                                    model::v1::UnloadModelResponse*) {
  return StartUnloadModel(context_, rpc, request);
}

grpc::ServerWriteReactor<model::v1::PullModelResponse>* ModelService::PullModel(
    grpc::CallbackServerContext* rpc, const model::v1::PullModelRequest* request) {
  return StartPullModel(context_, rpc, request);
}

grpc::ServerUnaryReactor* ModelService::FindMissingBlobs(
    grpc::CallbackServerContext* rpc, const model::v1::FindMissingBlobsRequest* request,
    model::v1::FindMissingBlobsResponse* response) {
  return StartFindMissingBlobs(context_, rpc, request, response);
}

grpc::ServerReadReactor<model::v1::UploadBlobRequest>* ModelService::UploadBlob(
    grpc::CallbackServerContext* rpc, model::v1::UploadBlobResponse* response) {
  return StartUploadBlob(context_, rpc, response);
}

grpc::ServerWriteReactor<model::v1::CreateModelResponse>* ModelService::CreateModel(
    grpc::CallbackServerContext* rpc, const model::v1::CreateModelRequest* request) {
  return StartCreateModel(context_, rpc, request);
}

grpc::ServerUnaryReactor* ModelService::CopyModel(grpc::CallbackServerContext* rpc,
                                                  const model::v1::CopyModelRequest* request,
                                                  model::v1::CopyModelResponse*) {
  return StartCopyModel(context_, rpc, request);
}

grpc::ServerUnaryReactor* ModelService::DeleteModel(grpc::CallbackServerContext* rpc,
                                                    const model::v1::DeleteModelRequest* request,
                                                    model::v1::DeleteModelResponse*) {
  return StartDeleteModel(context_, rpc, request);
}

}  // namespace tessera::inference
