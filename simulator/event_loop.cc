// SPDX-License-Identifier: Apache-2.0
#include "simulator/event_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "absl/base/internal/raw_logging.h"

namespace tessera::simulator {

EventLoop::EventLoop()
    : epoll_fd_(epoll_create1(EPOLL_CLOEXEC)), wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  ABSL_RAW_CHECK(epoll_fd_ >= 0 && wake_fd_ >= 0, "out of file descriptors");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &event);
}

EventLoop::~EventLoop() {
  close(wake_fd_);
  close(epoll_fd_);
}

void EventLoop::Run() {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  while (!stopping_.load(std::memory_order_acquire)) {
    Wait();
    for (int i = 0; i < ready_count_; ++i) {
      auto* handler = static_cast<IoHandler*>(ready_[i].data.ptr);
      if (handler != nullptr) {
        handler->OnReady(ready_[i].events);
      }
    }
    ready_count_ = 0;
    RunDueTimers();
    RunPosted();
  }
  RunPosted();
}

void EventLoop::Stop() {
  stopping_.store(true, std::memory_order_release);
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
}

void EventLoop::Post(std::function<void()> task) {
  bool must_wake;
  {
    MutexLock lock(&mutex_);
    must_wake = posted_.empty();
    posted_.push_back(std::move(task));
    has_posted_.store(true, std::memory_order_release);
  }
  if (must_wake) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
  }
}

EventLoop::TimerId EventLoop::At(SteadyTime when, std::function<void()> task) {
  const TimerId id = next_timer_++;
  timers_.emplace(std::make_pair(when, id), std::move(task));
  timer_times_.emplace(id, when);
  return id;
}

void EventLoop::CancelTimer(TimerId id) {
  const auto found = timer_times_.find(id);
  if (found != timer_times_.end()) {
    timers_.erase({found->second, id});
    timer_times_.erase(found);
  }
}

void EventLoop::Watch(int fd, uint32_t events, IoHandler* handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event);
}

void EventLoop::Rewatch(int fd, uint32_t events, IoHandler* handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::Unwatch(int fd, IoHandler* handler) {
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  // The handler may have further events in the batch that is being dispatched right now.
  for (int i = 0; i < ready_count_; ++i) {
    if (ready_[i].data.ptr == handler) {
      ready_[i].data.ptr = nullptr;
    }
  }
}

void EventLoop::RunPosted() {
  if (!has_posted_.load(std::memory_order_acquire)) {
    return;
  }
  std::vector<std::function<void()>> tasks;
  {
    MutexLock lock(&mutex_);
    tasks.swap(posted_);
    has_posted_.store(false, std::memory_order_release);
  }
  for (auto& task : tasks) {
    task();
  }
}

void EventLoop::RunDueTimers() {
  if (timers_.empty()) {
    return;
  }
  const SteadyTime now = std::chrono::steady_clock::now();
  // A task may add timers that are due at once; those wait for the next turn so that sockets get
  // their share.
  const TimerId first_new = next_timer_;
  while (!timers_.empty()) {
    const auto first = timers_.begin();
    if (first->first.first > now || first->first.second >= first_new) {
      break;
    }
    auto task = std::move(first->second);
    timer_times_.erase(first->first.second);
    timers_.erase(first);
    task();
  }
}

void EventLoop::Wait() {
  timespec timeout{};
  timespec* limit = nullptr;
  if (has_posted_.load(std::memory_order_acquire)) {
    limit = &timeout;
  } else if (!timers_.empty()) {
    const auto left = std::max<SteadyDuration>(
        timers_.begin()->first.first - std::chrono::steady_clock::now(), SteadyDuration::zero());
    timeout.tv_sec = left.count() / 1'000'000'000;
    timeout.tv_nsec = left.count() % 1'000'000'000;
    limit = &timeout;
  }
  ready_count_ = std::max(0, epoll_pwait2(epoll_fd_, ready_.data(), kMaxEvents, limit, nullptr));
  for (int i = 0; i < ready_count_; ++i) {
    if (ready_[i].data.ptr == nullptr) {
      uint64_t drained;
      [[maybe_unused]] const ssize_t got = read(wake_fd_, &drained, sizeof(drained));
    }
  }
}

}  // namespace tessera::simulator
