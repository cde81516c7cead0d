// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SIMULATOR_SIMULATOR_FLAGS_H_
#define TESSERA_SIMULATOR_SIMULATOR_FLAGS_H_

#include "simulator/simulator_options.h"

namespace tessera::simulator {

// Reads the flags of ollama-simulator into `options`. Returns -1 to go on, or the code to exit with
// after --help, --version or a mistake, which has been printed by then.
int ParseSimulatorFlags(int argc, char** argv, SimulatorOptions& options);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_SIMULATOR_FLAGS_H_
