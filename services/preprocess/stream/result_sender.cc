// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/stream/result_sender.h"

#include <iterator>
#include <string>
#include <utility>

namespace tessera::preprocess {

void ResultSender::Push(v1::StreamPreprocessResponse message, std::unique_ptr<TensorPieces> values,
                        absl::AnyInvocable<void()> sent) {
  bool broken = false;
  {
    MutexLock lock(&mutex_);
    broken = broken_;
    if (!broken) {
      queue_.push_back({std::move(message), std::move(values), std::move(sent)});
      if (writing_) return;
      writing_ = true;
    }
  }
  if (!broken) return WriteNext();
  if (sent) sent();
}

// The result in front is touched by nobody else while `writing_` is set.
void ResultSender::WriteNext() {
  const v1::StreamPreprocessResponse* message = nullptr;
  {
    MutexLock lock(&mutex_);
    message = &queue_.front().message;
  }
  stream_.Write(message);
}

void ResultSender::Abandon() {
  std::deque<Result> gone;
  {
    MutexLock lock(&mutex_);
    broken_ = true;
    const auto kept = queue_.begin() + (writing_ ? 1 : 0);
    gone.assign(std::make_move_iterator(kept), std::make_move_iterator(queue_.end()));
    queue_.erase(kept, queue_.end());
  }
  for (Result& result : gone) {
    if (result.sent) result.sent();
  }
}

void ResultSender::OnWriteDone(bool ok) {
  std::deque<Result> gone;
  bool more = false;
  {
    MutexLock lock(&mutex_);
    Result& front = queue_.front();
    const std::string id = front.message.has_tensor_chunk() ? front.message.tensor_chunk().id()
                                                            : front.message.result().id();
    if (!ok || broken_) {
      broken_ = true;
      gone.swap(queue_);
    } else if (front.values != nullptr &&
               front.values->Next(*front.message.mutable_tensor_chunk())) {
      front.message.mutable_tensor_chunk()->set_id(id);
    } else {
      gone.push_back(std::move(front));
      queue_.pop_front();
    }
    more = !queue_.empty();
    writing_ = more;
  }
  if (more) WriteNext();
  for (Result& result : gone) {
    if (result.sent) result.sent();
  }
}

}  // namespace tessera::preprocess
