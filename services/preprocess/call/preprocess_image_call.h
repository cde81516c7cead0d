// SPDX-License-Identifier: Apache-2.0
//
// PreprocessService.PreprocessImage.
#ifndef TESSERA_SERVICES_PREPROCESS_CALL_PREPROCESS_IMAGE_CALL_H_
#define TESSERA_SERVICES_PREPROCESS_CALL_PREPROCESS_IMAGE_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/preprocess/v1/preprocess_service.pb.h>

#include "services/preprocess/preprocess_context.h"

namespace tessera::preprocess {

// Begins the call; the reactor deletes itself when the call is over.
grpc::ServerUnaryReactor* StartPreprocessImage(PreprocessContext& context,
                                               grpc::CallbackServerContext* rpc,
                                               const v1::PreprocessImageRequest* request,
                                               v1::PreprocessImageResponse* response);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_CALL_PREPROCESS_IMAGE_CALL_H_
