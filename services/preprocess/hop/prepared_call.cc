// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/hop/prepared_call.h"

namespace tessera::preprocess {

namespace api = inference::v1;

void Forward(InferenceClient& client, grpc::ClientContext* hop, const api::GenerateRequest* request,
             api::GenerateResponse* response, std::function<void(grpc::Status)> done) {
  client.async().Generate(hop, request, response, std::move(done));
}

void Forward(InferenceClient& client, grpc::ClientContext* hop, const api::ClassifyRequest* request,
             api::ClassifyResponse* response, std::function<void(grpc::Status)> done) {
  client.async().Classify(hop, request, response, std::move(done));
}

void Forward(InferenceClient& client, grpc::ClientContext* hop, const api::EmbedRequest* request,
             api::EmbedResponse* response, std::function<void(grpc::Status)> done) {
  client.async().Embed(hop, request, response, std::move(done));
}

}  // namespace tessera::preprocess
