// SPDX-License-Identifier: Apache-2.0
//
// The unary methods of InferenceService at the front door.
#ifndef TESSERA_SERVICES_PREPROCESS_CALL_UNARY_CALLS_H_
#define TESSERA_SERVICES_PREPROCESS_CALL_UNARY_CALLS_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include "services/preprocess/preprocess_context.h"

namespace tessera::preprocess {

// Each prepares the request's picture files in parallel, then passes the request on. The reactor
// deletes itself when the call is over.
grpc::ServerUnaryReactor* StartGenerate(PreprocessContext& context,
                                        grpc::CallbackServerContext* rpc,
                                        const inference::v1::GenerateRequest* request,
                                        inference::v1::GenerateResponse* response);
grpc::ServerUnaryReactor* StartClassify(PreprocessContext& context,
                                        grpc::CallbackServerContext* rpc,
                                        const inference::v1::ClassifyRequest* request,
                                        inference::v1::ClassifyResponse* response);
grpc::ServerUnaryReactor* StartEmbed(PreprocessContext& context, grpc::CallbackServerContext* rpc,
                                     const inference::v1::EmbedRequest* request,
                                     inference::v1::EmbedResponse* response);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_CALL_UNARY_CALLS_H_
