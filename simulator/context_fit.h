// SPDX-License-Identifier: Apache-2.0
//
// What happens to a prompt that does not fit the context, and to pictures that cannot be used.
#ifndef TESSERA_SIMULATOR_CONTEXT_FIT_H_
#define TESSERA_SIMULATOR_CONTEXT_FIT_H_

#include <string>

#include "simulator/answer.h"
#include "simulator/generation_request.h"
#include "simulator/model_table.h"

namespace tessera::simulator {

struct ContextFit {
  int prompt_tokens = 0;  // after whatever was cut
  int status = 0;         // not 0: refused with this status and `error`
  std::string error;
  bool kills_runner = false;
};

ContextFit FitContext(const GenerationRequest& request, const StoredModel& model,
                      EngineGeneration generation, int num_ctx);

// Cuts the answer where num_predict or the context ends; num_predict 0 means without end, except
// on the native chat path.
void LimitAnswer(const GenerationRequest& request, const StoredModel& model, int num_ctx,
                 int prompt_tokens, Answer* answer);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_CONTEXT_FIT_H_
