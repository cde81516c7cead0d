// SPDX-License-Identifier: Apache-2.0
//
// The requests that ask for no answer: load a model, unload a model.
#ifndef TESSERA_SIMULATOR_MODEL_LOAD_H_
#define TESSERA_SIMULATOR_MODEL_LOAD_H_

#include <functional>
#include <memory>

#include "simulator/exchange.h"
#include "simulator/generation_request.h"
#include "simulator/simulation.h"

namespace tessera::simulator {

// Answers done_reason "load" once the model is there.
void ReplyWhenLoaded(Simulation& simulation, const std::shared_ptr<Exchange>& exchange,
                     const GenerationRequest& request, const ModelRef& model);

// Answers done_reason "unload" at once; the model goes when nobody uses it any more.
void ReplyUnloaded(Simulation& simulation, const std::shared_ptr<Exchange>& exchange,
                   const GenerationRequest& request, const ModelRef& model);

// Waits for a model, and for a slot if `wanted` says so, on behalf of a request that is answered
// in one go: calls `answer` when it is there, and gives it back when `answer` returns. Failures are
// answered here.
void WhenAdmitted(Simulation& simulation, const std::shared_ptr<Exchange>& exchange,
                  Scheduler::Request wanted, std::function<void(const Admission&)> answer);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_MODEL_LOAD_H_
