// SPDX-License-Identifier: Apache-2.0
//
// InferenceService.Generate at the GPU host's door.
#ifndef TESSERA_SERVICES_INFERENCE_CALL_GENERATE_CALL_H_
#define TESSERA_SERVICES_INFERENCE_CALL_GENERATE_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include "services/inference/inference_context.h"

namespace tessera::inference {

// Begins the call; the reactor deletes itself when the call is over. A reactor of its own rather
// than the library's default one, because a cancelled call must reach the engine at once.
grpc::ServerUnaryReactor* StartGenerate(InferenceContext& context, grpc::CallbackServerContext* rpc,
                                        const v1::GenerateRequest* request,
                                        v1::GenerateResponse* response);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CALL_GENERATE_CALL_H_
