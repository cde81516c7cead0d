// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <iostream>
#include <utility>

#include "common/version.h"
#include "simulator/ollama_simulator.h"
#include "simulator/simulator_flags.h"

int main(int argc, char** argv) {
  tessera::simulator::SimulatorOptions options;
  const int code = ParseSimulatorFlags(argc, argv, options);
  if (code >= 0) {
    return code;
  }
  // Blocked before any thread starts, so that only sigwait sees them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGINT);
  sigaddset(&stop_signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  auto simulator = tessera::simulator::OllamaSimulator::Start(std::move(options));
  if (!simulator.ok()) {
    std::cerr << "ollama-simulator: " << simulator.status().message() << "\n";
    return 1;
  }
  std::cout << "ollama-simulator " << TESSERA_VERSION << " at " << (*simulator)->url()
            << ", state at " << (*simulator)->url() << "/simulator/state" << std::endl;
  int signal = 0;
  sigwait(&stop_signals, &signal);
  return 0;
}
