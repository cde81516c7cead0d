// SPDX-License-Identifier: Apache-2.0
//
// InferenceService.StreamGenerate at the front door.
#ifndef TESSERA_SERVICES_PREPROCESS_CALL_STREAM_GENERATE_CALL_H_
#define TESSERA_SERVICES_PREPROCESS_CALL_STREAM_GENERATE_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include "services/preprocess/preprocess_context.h"

namespace tessera::preprocess {

// Begins the call; the reactor deletes itself when the call is over.
grpc::ServerBidiReactor<inference::v1::StreamGenerateRequest,
                        inference::v1::StreamGenerateResponse>*
StartStreamGenerate(PreprocessContext& context, grpc::CallbackServerContext* rpc);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_CALL_STREAM_GENERATE_CALL_H_
