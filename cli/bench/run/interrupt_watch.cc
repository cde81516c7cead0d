// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/run/interrupt_watch.h"

#include <chrono>

namespace tessera::bench {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(50);

}  // namespace

InterruptWatch::InterruptWatch(cli::Interrupt& interrupt, StopFlag& stop)
    : interrupt_(interrupt), stop_(stop) {
  interrupt_.Guard(&in_flight_);
  thread_ = std::thread([this] { Run(); });
}

InterruptWatch::~InterruptWatch() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  thread_.join();
  interrupt_.Release();
}

void InterruptWatch::Run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (interrupt_.raised()) {
      stop_.Raise();
      return;
    }
    ended_.wait_for(lock, kInterval, [this] { return ending_; });
  }
}

}  // namespace tessera::bench
