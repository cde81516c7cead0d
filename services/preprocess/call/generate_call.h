// SPDX-License-Identifier: Apache-2.0
//
// InferenceService.Generate at the front door.
#ifndef TESSERA_SERVICES_PREPROCESS_CALL_GENERATE_CALL_H_
#define TESSERA_SERVICES_PREPROCESS_CALL_GENERATE_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include "services/preprocess/preprocess_context.h"

namespace tessera::preprocess {

// A request without picture files passes straight through; one with files is prepared and
// streamed to tessera-inference. The reactor deletes itself when the call is over.
grpc::ServerUnaryReactor* StartGenerate(PreprocessContext& context,
                                        grpc::CallbackServerContext* rpc,
                                        const inference::v1::GenerateRequest* request,
                                        inference::v1::GenerateResponse* response);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_CALL_GENERATE_CALL_H_
