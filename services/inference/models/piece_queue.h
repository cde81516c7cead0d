// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_PIECE_QUEUE_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_PIECE_QUEUE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"
#include "common/http/http_body_source.h"

namespace tessera::inference {

// Pieces of a file between the caller who sends them and the engine who takes them. Holds a few
// megabytes at most, if its writer heeds Push's answer. Thread-safe.
class PieceQueue : public HttpBodySource {
 public:
  // `on_room` is called on the HTTP client's thread when a queue that Push called full has room
  // again.
  PieceQueue(int64_t file_bytes, size_t full_bytes, std::function<void()> on_room);

  // Takes a piece. False: the queue is full, push no more before on_room.
  bool Push(std::string piece);

  int64_t bytes() const override { return file_bytes_; }
  absl::StatusOr<size_t> Read(char* to, size_t room) override;

 private:
  const int64_t file_bytes_;
  const size_t full_bytes_;
  const std::function<void()> on_room_;
  Mutex mutex_;
  std::deque<std::string> pieces_ ABSL_GUARDED_BY(mutex_);
  size_t front_taken_ ABSL_GUARDED_BY(mutex_) = 0;  // Bytes of the first piece that are gone.
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writer_waits_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_PIECE_QUEUE_H_
