// SPDX-License-Identifier: Apache-2.0
//
// InferenceService.Batch at the front door.
#ifndef TESSERA_SERVICES_PREPROCESS_CALL_BATCH_CALL_H_
#define TESSERA_SERVICES_PREPROCESS_CALL_BATCH_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include "services/preprocess/preprocess_context.h"

namespace tessera::preprocess {

// Prepares each item's picture files, then passes the item on as a call of its own, so that a batch
// may be larger than one message and than one inference process. The reactor deletes itself when
// the call is over.
grpc::ServerBidiReactor<inference::v1::BatchRequest, inference::v1::BatchResponse>* StartBatch(
    PreprocessContext& context, grpc::CallbackServerContext* rpc);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_CALL_BATCH_CALL_H_
