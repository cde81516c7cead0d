// SPDX-License-Identifier: Apache-2.0
//
// What every call of the service works with. Owned by PreprocessServer; outlives every call.
#ifndef TESSERA_SERVICES_PREPROCESS_PREPROCESS_CONTEXT_H_
#define TESSERA_SERVICES_PREPROCESS_PREPROCESS_CONTEXT_H_

#include "absl/time/time.h"
#include "common/rpc/batch_stream.h"
#include "services/preprocess/hop/inference_client.h"
#include "services/preprocess/picture_workers.h"
#include "services/preprocess/stream/stream_items.h"

namespace tessera::preprocess {

struct PreprocessContext {
  PictureWorkers& workers;
  InferenceClient& inference;
  absl::Duration longest_call = absl::Minutes(10);  // Deadline of calls that bring none.
  size_t max_file_bytes = 32 << 20;                 // Of a picture that is uploaded in chunks.
  StreamItems::Window stream_window = {};
  size_t max_unsent_bytes = 8 << 20;  // Of a streaming answer that the caller does not read.
  BatchLimits batch;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PREPROCESS_CONTEXT_H_
