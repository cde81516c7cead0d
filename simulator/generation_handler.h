// SPDX-License-Identifier: Apache-2.0
//
// POST /api/chat and POST /api/generate up to the point where the model is asked.
#ifndef TESSERA_SIMULATOR_GENERATION_HANDLER_H_
#define TESSERA_SIMULATOR_GENERATION_HANDLER_H_

#include <memory>

#include "simulator/exchange.h"
#include "simulator/simulation.h"

namespace tessera::simulator {

void HandleGeneration(Simulation& simulation, const std::shared_ptr<Exchange>& exchange,
                      bool is_chat);

// Plays a fault that comes before any work: an error status, a reset, an HTML page, silence. True
// when it did.
bool PlayEarlyFault(Exchange& exchange, const Fault& fault);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_GENERATION_HANDLER_H_
