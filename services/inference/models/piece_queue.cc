// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/piece_queue.h"

#include <algorithm>
#include <utility>

namespace tessera::inference {

PieceQueue::PieceQueue(int64_t file_bytes, size_t full_bytes, std::function<void()> on_room)
    : file_bytes_(file_bytes), full_bytes_(full_bytes), on_room_(std::move(on_room)) {}

bool PieceQueue::Push(std::string piece) {
  MutexLock lock(&mutex_);
  waiting_bytes_ += piece.size();
  if (!piece.empty()) pieces_.push_back(std::move(piece));
  writer_waits_ = waiting_bytes_ >= full_bytes_;
  return !writer_waits_;
}

absl::StatusOr<size_t> PieceQueue::Read(char* to, size_t room) {
  size_t copied = 0;
  bool has_room = false;
  {
    MutexLock lock(&mutex_);
    while (copied < room && !pieces_.empty()) {
      const std::string& front = pieces_.front();
      const size_t taken = std::min(room - copied, front.size() - front_taken_);
      std::copy_n(front.data() + front_taken_, taken, to + copied);
      copied += taken;
      front_taken_ += taken;
      if (front_taken_ == front.size()) {
        pieces_.pop_front();
        front_taken_ = 0;
      }
    }
    waiting_bytes_ -= copied;
    if (writer_waits_ && waiting_bytes_ < full_bytes_) {
      writer_waits_ = false;
      has_room = true;
    }
  }
  if (has_room) on_room_();
  return copied;
}

}  // namespace tessera::inference
