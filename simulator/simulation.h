// SPDX-License-Identifier: Apache-2.0
//
// Everything that the handlers of one simulated Ollama share.
#ifndef TESSERA_SIMULATOR_SIMULATION_H_
#define TESSERA_SIMULATOR_SIMULATION_H_

#include "simulator/blob_store.h"
#include "simulator/journal.h"
#include "simulator/model_table.h"
#include "simulator/scheduler.h"
#include "simulator/script_book.h"
#include "simulator/simulator_options.h"

namespace tessera::simulator {

// Each part is thread-safe on its own.
struct Simulation {
  explicit Simulation(SimulatorOptions wanted)
      : options(std::move(wanted)),
        journal(options.keep_records),
        models(options.models),
        scripts(options.seed) {}

  const SimulatorOptions options;
  Journal journal;
  ModelTable models;
  ScriptBook scripts;
  BlobStore blobs;
  Scheduler* scheduler = nullptr;  // set once, before the first request
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_SIMULATION_H_
