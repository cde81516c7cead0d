// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_RUN_STOP_FLAG_H_
#define TESSERA_CLI_BENCH_RUN_STOP_FLAG_H_

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

namespace tessera::bench {

// Says that no more is to be measured, and ends what is in flight. Thread-safe.
class StopFlag {
 public:
  bool raised() const { return raised_; }

  // Calls each registered function once.
  void Raise() {
    std::lock_guard lock(mutex_);
    raised_ = true;
    for (auto& [id, end] : endings_) end();
  }

  // `end` is called by Raise, at once where it was raised before, and never after Remove. It must
  // not call back in here.
  int Add(std::function<void()> end) {
    std::lock_guard lock(mutex_);
    if (raised_) end();
    endings_.emplace(++last_, std::move(end));
    return last_;
  }
  void Remove(int id) {
    std::lock_guard lock(mutex_);
    endings_.erase(id);
  }

 private:
  std::atomic<bool> raised_ = false;
  std::mutex mutex_;
  int last_ = 0;
  std::map<int, std::function<void()>> endings_;
};

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_RUN_STOP_FLAG_H_
