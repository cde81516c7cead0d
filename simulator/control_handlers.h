// SPDX-License-Identifier: Apache-2.0
//
// The endpoints that Ollama does not have: what a test that runs the binary needs to see and to
// say. They are documented in ollama-simulator --help.
#ifndef TESSERA_SIMULATOR_CONTROL_HANDLERS_H_
#define TESSERA_SIMULATOR_CONTROL_HANDLERS_H_

#include <memory>

#include "simulator/exchange.h"
#include "simulator/simulation.h"

namespace tessera::simulator {

// GET /simulator/state?records=N: counters, runners and the last N requests (default 100).
void HandleState(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);
// POST /simulator/script {"answer":"tokens=5 fault=reset:3","model","contains","path","times",
// "probability"}: adds a rule.
void HandleScript(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);
// DELETE /simulator/script: forgets all rules.
void HandleClearScript(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);
// POST /simulator/runner/kill {"model"}: the runner's process dies.
void HandleKillRunner(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);
// POST /simulator/clear: forgets counters and records.
void HandleClear(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_CONTROL_HANDLERS_H_
