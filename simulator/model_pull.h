// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SIMULATOR_MODEL_PULL_H_
#define TESSERA_SIMULATOR_MODEL_PULL_H_

#include <string>

#include "simulator/progress_stream.h"
#include "simulator/simulation.h"

namespace tessera::simulator {

// Appends the progress of downloading `name`, or of failing to. The model is there once the last
// line has been sent; what was downloaded before an interruption is not downloaded again.
void AddPull(Simulation& simulation, const std::string& name, ProgressLines& lines);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_MODEL_PULL_H_
