// SPDX-License-Identifier: Apache-2.0
//
// tessera.inference.v1.InferenceService at the GPU host's door.
#ifndef TESSERA_SERVICES_INFERENCE_INFERENCE_SERVICE_H_
#define TESSERA_SERVICES_INFERENCE_INFERENCE_SERVICE_H_

#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include "services/inference/inference_context.h"

namespace tessera::inference {

// Makes one object per call; the story of a call is in call/. Thread-safe.
class InferenceService : public v1::InferenceService::CallbackService {
 public:
  // `context` must outlive the server.
  explicit InferenceService(InferenceContext& context);

  grpc::ServerUnaryReactor* Generate(grpc::CallbackServerContext* rpc,
                                     const v1::GenerateRequest* request,
                                     v1::GenerateResponse* response) override;
  grpc::ServerBidiReactor<v1::StreamGenerateRequest, v1::StreamGenerateResponse>* StreamGenerate(
      grpc::CallbackServerContext* rpc) override;
  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* rpc,
                                     const v1::ClassifyRequest* request,
                                     v1::ClassifyResponse* response) override;
  grpc::ServerUnaryReactor* Embed(grpc::CallbackServerContext* rpc, const v1::EmbedRequest* request,
                                  v1::EmbedResponse* response) override;
  grpc::ServerBidiReactor<v1::BatchRequest, v1::BatchResponse>* Batch(
      grpc::CallbackServerContext* rpc) override;

 private:
  InferenceContext& context_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_INFERENCE_SERVICE_H_
