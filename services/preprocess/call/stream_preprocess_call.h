// SPDX-License-Identifier: Apache-2.0
//
// PreprocessService.StreamPreprocess.
#ifndef TESSERA_SERVICES_PREPROCESS_CALL_STREAM_PREPROCESS_CALL_H_
#define TESSERA_SERVICES_PREPROCESS_CALL_STREAM_PREPROCESS_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/preprocess/v1/preprocess_service.pb.h>

#include "services/preprocess/preprocess_context.h"

namespace tessera::preprocess {

// Begins the call; the reactor deletes itself when the call is over.
grpc::ServerBidiReactor<v1::StreamPreprocessRequest, v1::StreamPreprocessResponse>*
StartStreamPreprocess(PreprocessContext& context, grpc::CallbackServerContext* rpc);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_CALL_STREAM_PREPROCESS_CALL_H_
