// SPDX-License-Identifier: Apache-2.0
//
// The endpoints that look at the models or rename them.
#ifndef TESSERA_SIMULATOR_MANAGEMENT_HANDLERS_H_
#define TESSERA_SIMULATOR_MANAGEMENT_HANDLERS_H_

#include <memory>

#include "simulator/exchange.h"
#include "simulator/simulation.h"

namespace tessera::simulator {

void HandleTags(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);
void HandlePs(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);
void HandleShow(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);
void HandleCopy(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);
void HandleDelete(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_MANAGEMENT_HANDLERS_H_
