// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_RUN_INTERRUPT_WATCH_H_
#define TESSERA_CLI_BENCH_RUN_INTERRUPT_WATCH_H_

#include <condition_variable>
#include <mutex>
#include <thread>

#include "cli/bench/run/stop_flag.h"
#include "cli/interrupt.h"

namespace tessera::bench {

// While it lives, the first Ctrl-C raises `stop` within a twentieth of a second instead of ending
// the process; the second one ends it. No cli::ClientCall may be made meanwhile.
class InterruptWatch {
 public:
  InterruptWatch(cli::Interrupt& interrupt, StopFlag& stop);
  ~InterruptWatch();

  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  void Run();

  cli::Interrupt& interrupt_;
  StopFlag& stop_;
  grpc::ClientContext in_flight_;  // Of no call: with it the signal is left to this process.
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_RUN_INTERRUPT_WATCH_H_
