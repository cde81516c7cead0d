// SPDX-License-Identifier: Apache-2.0
//
// tessera.model.v1.ModelService.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_MODEL_SERVICE_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_MODEL_SERVICE_H_

#include <tessera/model/v1/model_service.grpc.pb.h>

#include "services/inference/models/models_context.h"

namespace tessera::inference {

// Makes one object per call; ListModels is answered from the catalog, without asking the engine.
// Thread-safe. `context` must outlive the server.
class ModelService : public model::v1::ModelService::CallbackService {
 public:
  explicit ModelService(const ModelsContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* rpc,
                                       const model::v1::ListModelsRequest* request,
                                       model::v1::ListModelsResponse* response) override;
  grpc::ServerUnaryReactor* ShowModel(grpc::CallbackServerContext* rpc,
                                      const model::v1::ShowModelRequest* request,
                                      model::v1::ShowModelResponse* response) override;
  grpc::ServerUnaryReactor* ListRunningModels(
      grpc::CallbackServerContext* rpc, const model::v1::ListRunningModelsRequest* request,
      model::v1::ListRunningModelsResponse* response) override;
  grpc::ServerUnaryReactor* PredictMemory(grpc::CallbackServerContext* rpc,
                                          const model::v1::PredictMemoryRequest* request,
                                          model::v1::PredictMemoryResponse* response) override;
  grpc::ServerUnaryReactor* LoadModel(grpc::CallbackServerContext* rpc,
                                      const model::v1::LoadModelRequest* request,
                                      model::v1::LoadModelResponse* response) override;
  grpc::ServerUnaryReactor* UnloadModel(grpc::CallbackServerContext* rpc,
                                        const model::v1::UnloadModelRequest* request,
                                        model::v1::UnloadModelResponse* response) override;
  grpc::ServerWriteReactor<model::v1::PullModelResponse>* PullModel(
      grpc::CallbackServerContext* rpc, const model::v1::PullModelRequest* request) override;
  grpc::ServerUnaryReactor* FindMissingBlobs(
      grpc::CallbackServerContext* rpc, const model::v1::FindMissingBlobsRequest* request,
      model::v1::FindMissingBlobsResponse* response) override;
  grpc::ServerReadReactor<model::v1::UploadBlobRequest>* UploadBlob(
      grpc::CallbackServerContext* rpc, model::v1::UploadBlobResponse* response) override;
  grpc::ServerWriteReactor<model::v1::CreateModelResponse>* CreateModel(
      grpc::CallbackServerContext* rpc, const model::v1::CreateModelRequest* request) override;
  grpc::ServerUnaryReactor* CopyModel(grpc::CallbackServerContext* rpc,
                                      const model::v1::CopyModelRequest* request,
                                      model::v1::CopyModelResponse* response) override;
  grpc::ServerUnaryReactor* DeleteModel(grpc::CallbackServerContext* rpc,
                                        const model::v1::DeleteModelRequest* request,
                                        model::v1::DeleteModelResponse* response) override;

 private:
  const ModelsContext& context_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_MODEL_SERVICE_H_
