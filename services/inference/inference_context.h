// SPDX-License-Identifier: Apache-2.0
//
// What every call of the service works with. Owned by InferenceServer; outlives every call.
#ifndef TESSERA_SERVICES_INFERENCE_INFERENCE_CONTEXT_H_
#define TESSERA_SERVICES_INFERENCE_INFERENCE_CONTEXT_H_

#include "common/concurrency/worker_pool.h"
#include "services/inference/chat_request_check.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/engine/model_engine.h"
#include "services/inference/in_flight_limit.h"
#include "services/inference/inference_metrics.h"

namespace tessera::inference {

struct InferenceContext {
  ModelEngine& engine;
  const ModelCatalog& catalog;
  InferenceMetrics& metrics;
  InFlightLimit& limit;
  WorkerPool& pool;  // For what takes longer than gRPC's threads may be held: large requests.
  RequestDefaults defaults;
  absl::Duration longest_call = absl::Minutes(10);  // Deadline of calls that bring none.
  size_t max_reply_bytes = 16 << 20;                // Of a unary answer's text.
  size_t max_unsent_bytes = 8 << 20;  // Of a streaming answer that the caller does not read.
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_INFERENCE_CONTEXT_H_
