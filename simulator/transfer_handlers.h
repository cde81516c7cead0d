// SPDX-License-Identifier: Apache-2.0
//
// The endpoints that move models: pull, create and the blobs that create is made from.
#ifndef TESSERA_SIMULATOR_TRANSFER_HANDLERS_H_
#define TESSERA_SIMULATOR_TRANSFER_HANDLERS_H_

#include <memory>

#include "simulator/exchange.h"
#include "simulator/simulation.h"

namespace tessera::simulator {

void HandlePull(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);
void HandleCreate(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);

// Takes the body of POST /api/blobs/... in parts, so that it may have any size. True when the
// request is one.
bool StartBlobUpload(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);
// Answers HEAD and POST of /api/blobs/...; false for other paths.
bool HandleBlob(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_TRANSFER_HANDLERS_H_
