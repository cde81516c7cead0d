// SPDX-License-Identifier: Apache-2.0
//
// The services of the front door: PreprocessService, InferenceService for picture files, and
// ModelService passed through.
#ifndef TESSERA_SERVICES_PREPROCESS_FRONT_SERVICES_H_
#define TESSERA_SERVICES_PREPROCESS_FRONT_SERVICES_H_

#include <tessera/inference/v1/inference_service.grpc.pb.h>
#include <tessera/model/v1/model_service.grpc.pb.h>
#include <tessera/preprocess/v1/preprocess_service.grpc.pb.h>

#include "services/preprocess/preprocess_context.h"

namespace tessera::preprocess {

// Each makes one object per call; the story of a call is in call/. Thread-safe. `context` must
// outlive the server.
class PreprocessService : public v1::PreprocessService::CallbackService {
 public:
  explicit PreprocessService(PreprocessContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* PreprocessImage(grpc::CallbackServerContext* rpc,
                                            const v1::PreprocessImageRequest* request,
                                            v1::PreprocessImageResponse* response) override;
  grpc::ServerBidiReactor<v1::StreamPreprocessRequest, v1::StreamPreprocessResponse>*
  StreamPreprocess(grpc::CallbackServerContext* rpc) override;

 private:
  PreprocessContext& context_;
};

class FrontInferenceService : public inference::v1::InferenceService::CallbackService {
 public:
  explicit FrontInferenceService(PreprocessContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* Generate(grpc::CallbackServerContext* rpc,
                                     const inference::v1::GenerateRequest* request,
                                     inference::v1::GenerateResponse* response) override;
  grpc::ServerBidiReactor<inference::v1::StreamGenerateRequest,
                          inference::v1::StreamGenerateResponse>*
  StreamGenerate(grpc::CallbackServerContext* rpc) override;
  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* rpc,
                                     const inference::v1::ClassifyRequest* request,
                                     inference::v1::ClassifyResponse* response) override;
  grpc::ServerUnaryReactor* Embed(grpc::CallbackServerContext* rpc,
                                  const inference::v1::EmbedRequest* request,
                                  inference::v1::EmbedResponse* response) override;
  grpc::ServerBidiReactor<inference::v1::BatchRequest, inference::v1::BatchResponse>* Batch(
      grpc::CallbackServerContext* rpc) override;

 private:
  PreprocessContext& context_;
};

class FrontModelService : public model::v1::ModelService::CallbackService {
 public:
  explicit FrontModelService(PreprocessContext& context) : context_(context) {}

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
  grpc::ServerUnaryReactor* FindMissingBlobs(
      grpc::CallbackServerContext* rpc, const model::v1::FindMissingBlobsRequest* request,
      model::v1::FindMissingBlobsResponse* response) override;
  grpc::ServerUnaryReactor* CopyModel(grpc::CallbackServerContext* rpc,
                                      const model::v1::CopyModelRequest* request,
                                      model::v1::CopyModelResponse* response) override;
  grpc::ServerUnaryReactor* DeleteModel(grpc::CallbackServerContext* rpc,
                                        const model::v1::DeleteModelRequest* request,
                                        model::v1::DeleteModelResponse* response) override;
  grpc::ServerWriteReactor<model::v1::PullModelResponse>* PullModel(
      grpc::CallbackServerContext* rpc, const model::v1::PullModelRequest* request) override;
  grpc::ServerWriteReactor<model::v1::CreateModelResponse>* CreateModel(
      grpc::CallbackServerContext* rpc, const model::v1::CreateModelRequest* request) override;
  grpc::ServerReadReactor<model::v1::UploadBlobRequest>* UploadBlob(
      grpc::CallbackServerContext* rpc, model::v1::UploadBlobResponse* response) override;

 private:
  PreprocessContext& context_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_FRONT_SERVICES_H_
