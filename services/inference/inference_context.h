// SPDX-License-Identifier: Apache-2.0
//
// What every call of the service works with. Owned by InferenceServer; outlives every call.
#ifndef TESSERA_SERVICES_INFERENCE_INFERENCE_CONTEXT_H_
#define TESSERA_SERVICES_INFERENCE_INFERENCE_CONTEXT_H_

#include "common/rpc/batch_stream.h"
#include "services/inference/chat_request_check.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/inference_metrics.h"
#include "services/inference/scheduling/chat_dispatcher.h"

namespace tessera::inference {

class AnswerCache;
class FlightTable;

struct InferenceContext {
  ChatDispatcher& dispatcher;
  const ModelCatalog& catalog;
  InferenceMetrics& metrics;
  AnswerCache* cache = nullptr;    // nullptr: no answer is kept.
  FlightTable* flights = nullptr;  // nullptr: nobody joins anybody.
  RequestDefaults defaults;
  absl::Duration longest_call = absl::Minutes(10);  // Deadline of calls that bring none.
  size_t max_reply_bytes = 16 << 20;                // Of a unary answer's text.
  size_t max_unsent_bytes = 8 << 20;  // Of a streaming answer that the caller does not read.
  BatchLimits batch;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_INFERENCE_CONTEXT_H_
