// SPDX-License-Identifier: Apache-2.0
//
// tessera.model.v1.ModelService.
#ifndef TESSERA_SERVICES_INFERENCE_MODEL_SERVICE_H_
#define TESSERA_SERVICES_INFERENCE_MODEL_SERVICE_H_

#include <tessera/model/v1/model_service.grpc.pb.h>

#include "services/inference/engine/model_catalog.h"

namespace tessera::inference {

// Answers from the catalog, without asking the engine. Thread-safe.
class ModelService : public model::v1::ModelService::CallbackService {
 public:
  // `catalog` must outlive the server.
  explicit ModelService(const ModelCatalog& catalog) : catalog_(catalog) {}

  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* rpc,
                                       const model::v1::ListModelsRequest* request,
                                       model::v1::ListModelsResponse* response) override;

 private:
  const ModelCatalog& catalog_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODEL_SERVICE_H_
