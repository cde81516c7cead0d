// SPDX-License-Identifier: Apache-2.0
//
// The unary methods of InferenceService at the GPU host's door.
#ifndef TESSERA_SERVICES_INFERENCE_CALL_UNARY_CALLS_H_
#define TESSERA_SERVICES_INFERENCE_CALL_UNARY_CALLS_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include "services/inference/inference_context.h"

namespace tessera::inference {

// Each begins the call; the reactor deletes itself when the call is over. A reactor of our own
// rather than the library's default one, because a cancelled call must reach the engine at once.
grpc::ServerUnaryReactor* StartGenerate(InferenceContext& context, grpc::CallbackServerContext* rpc,
                                        const v1::GenerateRequest* request,
                                        v1::GenerateResponse* response);
grpc::ServerUnaryReactor* StartClassify(InferenceContext& context, grpc::CallbackServerContext* rpc,
                                        const v1::ClassifyRequest* request,
                                        v1::ClassifyResponse* response);
grpc::ServerUnaryReactor* StartEmbed(InferenceContext& context, grpc::CallbackServerContext* rpc,
                                     const v1::EmbedRequest* request, v1::EmbedResponse* response);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CALL_UNARY_CALLS_H_
