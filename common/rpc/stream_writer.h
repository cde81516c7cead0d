// SPDX-License-Identifier: Apache-2.0
//
// The sending half of a streaming call: messages are queued from any thread and written one at a
// time, so that the thread that makes them never waits for the other side.
#ifndef TESSERA_COMMON_RPC_STREAM_WRITER_H_
#define TESSERA_COMMON_RPC_STREAM_WRITER_H_

#include <fmt/format.h>
#include <grpcpp/support/status.h>

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "common/concurrency/mutex.h"
#include "common/status/error.h"

namespace tessera {

// Thread-safe.
template <typename Message>
class StreamWriter {
 public:
  // The stream's own operations. Called one after another, never two at once.
  class Stream {
   public:
    virtual ~Stream() = default;
    virtual void Write(const Message* message) = 0;    // Then OnWriteDone.
    virtual void End(const grpc::Status& status) = 0;  // Last call.
  };

  // `stream` must outlive the writer. At most `max_unsent_bytes` are queued; a message that alone
  // is larger is taken when the queue is empty.
  StreamWriter(Stream& stream, size_t max_unsent_bytes)
      : stream_(stream), max_unsent_bytes_(max_unsent_bytes) {}

  // Queues a message. RESOURCE_EXHAUSTED, reason CALLER_TOO_SLOW, when the other side does not
  // read; the message is dropped then. Messages after Finish are dropped silently.
  absl::Status Push(Message message) {
    {
      MutexLock lock(&mutex_);
      if (end_) return absl::OkStatus();
      const size_t bytes = message.ByteSizeLong();
      if (!queue_.empty() && queued_bytes_ + bytes > max_unsent_bytes_) {
        too_slow_ = true;
        return TooSlow();
      }
      queued_bytes_ += bytes;
      queue_.push_back({std::move(message), bytes});
    }
    Proceed();
    return absl::OkStatus();
  }

  // Ends the stream after everything queued has been written; an error, when the other side has
  // been too slow, as soon as the write in progress is over. Only the first Finish counts. The
  // stream may be gone, and the writer with it, when this returns.
  void Finish(grpc::Status status) {
    {
      MutexLock lock(&mutex_);
      if (end_) return;
      // The message that is being written stays in front until OnWriteDone.
      if (!status.ok() && too_slow_)
        queue_.erase(queue_.begin() + (writing_ ? 1 : 0), queue_.end());
      end_ = std::move(status);
    }
    Proceed();
  }

  // The write that was started has ended. `ok` is false when the other side is gone; what is
  // queued is dropped then. As with Finish, the writer may be gone afterwards.
  void OnWriteDone(bool ok) {
    {
      MutexLock lock(&mutex_);
      writing_ = false;
      queued_bytes_ -= queue_.front().bytes;
      queue_.pop_front();
      if (!ok) {
        queue_.clear();
        queued_bytes_ = 0;
      }
    }
    Proceed();
  }

 private:
  struct Queued {
    Message message;
    size_t bytes;
  };

  // Starts the next operation. Never under the lock: the end of the stream may destroy the writer
  // before End returns.
  void Proceed() {
    const Message* next = nullptr;
    grpc::Status end;
    {
      MutexLock lock(&mutex_);
      if (writing_ || ended_) return;
      if (!queue_.empty()) {
        writing_ = true;
        next = &queue_.front().message;
      } else if (end_) {
        ended_ = true;
        end = *end_;
      } else {
        return;
      }
    }
    if (next != nullptr) {
      stream_.Write(next);
    } else {
      stream_.End(end);
    }
  }

  absl::Status TooSlow() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return MakeError(absl::StatusCode::kResourceExhausted, "CALLER_TOO_SLOW",
                     fmt::format("{} bytes are waiting to be read; at most {} are kept",
                                 queued_bytes_, max_unsent_bytes_),
                     {.metadata = {{"limitBytes", std::to_string(max_unsent_bytes_)}}});
  }

  Stream& stream_;
  const size_t max_unsent_bytes_;
  Mutex mutex_;
  std::deque<Queued> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool too_slow_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_STREAM_WRITER_H_
