// SPDX-License-Identifier: Apache-2.0
#include "common/concurrency/worker_pool.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/status/error.h"

namespace tessera {
namespace {

// Weight of the newest task: about the last twenty count.
constexpr double kNewestWeight = 0.1;
// Assumed before any task has ended.
constexpr absl::Duration kUnknownTaskTime = absl::Milliseconds(100);
// Advice to wait less is noise; advice to wait longer is a guess about a future too far away.
constexpr absl::Duration kMinRetryDelay = absl::Milliseconds(5);
constexpr absl::Duration kMaxRetryDelay = absl::Seconds(30);

}  // namespace

WorkerPool::WorkerPool(Options options) : options_(std::move(options)) {
  MutexLock lock(&shutdown_mutex_);
  for (int i = 0; i < std::max(options_.threads, 1); ++i) {
    threads_.emplace_back([this] { RunTasks(); });
  }
}

WorkerPool::~WorkerPool() { Shutdown(); }

absl::Status WorkerPool::TrySubmit(Task task) {
  MutexLock lock(&mutex_);
  if (draining_) {
    return MakeError(absl::StatusCode::kUnavailable, kDraining,
                     fmt::format("the {} pool is shutting down", options_.name),
                     {.metadata = {{"pool", options_.name}}});
  }
  const int accepted = static_cast<int>(queue_.size()) + running_;
  if (accepted >= std::max(options_.threads, 1) + options_.max_queued) {
    return MakeError(absl::StatusCode::kResourceExhausted, kQueueFull,
                     fmt::format("the {} pool is full: {} tasks running, {} queued, limit {}",
                                 options_.name, running_, queue_.size(), options_.max_queued),
                     {.metadata = {{"pool", options_.name},
                                   {"running", std::to_string(running_)},
                                   {"queued", std::to_string(queue_.size())},
                                   {"limit", std::to_string(options_.max_queued)}},
                      .retry_after = EstimatedDrainTime()});
  }
  queue_.push_back(std::move(task));
  task_or_drain_.Signal();
  return absl::OkStatus();
}

absl::Duration WorkerPool::EstimatedDrainTime() const {
  const absl::Duration each =
      average_task_time_ == absl::ZeroDuration() ? kUnknownTaskTime : average_task_time_;
  const int ahead = static_cast<int>(queue_.size()) + running_;
  return std::clamp(each * ahead / std::max(options_.threads, 1), kMinRetryDelay, kMaxRetryDelay);
}

void WorkerPool::Shutdown() {
  {
    MutexLock lock(&mutex_);
    draining_ = true;
    task_or_drain_.SignalAll();
  }
  MutexLock lock(&shutdown_mutex_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

int WorkerPool::queued() const {
  MutexLock lock(&mutex_);
  return static_cast<int>(queue_.size());
}

int WorkerPool::running() const {
  MutexLock lock(&mutex_);
  return running_;
}

absl::Duration WorkerPool::average_task_time() const {
  MutexLock lock(&mutex_);
  return average_task_time_;
}

void WorkerPool::RunTasks() {
  pthread_setname_np(pthread_self(), options_.name.substr(0, 15).c_str());
  mutex_.Lock();
  while (true) {
    while (queue_.empty() && !draining_) task_or_drain_.Wait(&mutex_);
    if (queue_.empty()) break;
    Task task = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    mutex_.Unlock();

    const auto began = std::chrono::steady_clock::now();
    task();
    // What the task holds goes before it counts as ended.
    task = nullptr;
    const absl::Duration took = absl::FromChrono(std::chrono::steady_clock::now() - began);

    mutex_.Lock();
    --running_;
    average_task_time_ = average_task_time_ == absl::ZeroDuration()
                             ? took
                             : average_task_time_ + kNewestWeight * (took - average_task_time_);
  }
  mutex_.Unlock();
  if (options_.on_thread_exit) options_.on_thread_exit();
}

}  // namespace tessera
