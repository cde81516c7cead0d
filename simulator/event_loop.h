// SPDX-License-Identifier: Apache-2.0
//
// One thread's epoll loop with timers. Everything that belongs to a connection runs on the loop
// that owns it, so connections, exchanges and generations need no locks.
#ifndef TESSERA_SIMULATOR_EVENT_LOOP_H_
#define TESSERA_SIMULATOR_EVENT_LOOP_H_

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"

namespace tessera::simulator {

using SteadyTime = std::chrono::steady_clock::time_point;
using SteadyDuration = std::chrono::nanoseconds;

// Receives the readiness of a file descriptor (EPOLLIN and so on), on the loop's thread.
class IoHandler {
 public:
  virtual ~IoHandler() = default;
  virtual void OnReady(uint32_t events) = 0;
};

// Post, Stop and InThisThread may be called from any thread; everything else only from the loop's
// own thread, or before Run.
class EventLoop {
 public:
  using TimerId = uint64_t;  // 0 is never given out

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Serves until Stop. Tasks that were posted before Stop still run.
  void Run();
  void Stop();
  bool InThisThread() const {
    return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

  void Post(std::function<void()> task);

  // Runs `task` once at `when` or soon after; a time in the past means the next turn.
  TimerId At(SteadyTime when, std::function<void()> task);
  void CancelTimer(TimerId id);

  // The handler must stay alive until Unwatch. Level-triggered.
  void Watch(int fd, uint32_t events, IoHandler* handler);
  void Rewatch(int fd, uint32_t events, IoHandler* handler);
  void Unwatch(int fd, IoHandler* handler);

 private:
  static constexpr int kMaxEvents = 128;

  void RunPosted();
  void RunDueTimers();
  void Wait();

  int epoll_fd_;
  int wake_fd_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::thread::id> thread_{};
  std::array<epoll_event, kMaxEvents> ready_;
  int ready_count_ = 0;

  // Ordered by time; the number keeps equal times in order and is the TimerId.
  std::map<std::pair<SteadyTime, TimerId>, std::function<void()>> timers_;
  std::unordered_map<TimerId, SteadyTime> timer_times_;
  TimerId next_timer_ = 1;

  Mutex mutex_;
  std::vector<std::function<void()>> posted_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> has_posted_{false};
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_EVENT_LOOP_H_
