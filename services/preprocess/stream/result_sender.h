// SPDX-License-Identifier: Apache-2.0
//
// The sending half of StreamPreprocess: results one after another, the values of a tensor made
// piece by piece as they go out.
#ifndef TESSERA_SERVICES_PREPROCESS_STREAM_RESULT_SENDER_H_
#define TESSERA_SERVICES_PREPROCESS_STREAM_RESULT_SENDER_H_

#include <grpcpp/support/status.h>
#include <tessera/preprocess/v1/preprocess_service.pb.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "common/concurrency/mutex.h"
#include "services/preprocess/tensor_messages.h"

namespace tessera::preprocess {

// Thread-safe. Unbounded by itself: the window of the stream bounds what is pushed.
class ResultSender {
 public:
  // The stream's own operations. Called one after another, never two at once.
  class Stream {
   public:
    virtual ~Stream() = default;
    virtual void Write(const v1::StreamPreprocessResponse* message) = 0;  // Then OnWriteDone.
    virtual void End(const grpc::Status& status) = 0;                     // Last call.
  };

  // `stream` must outlive the sender.
  explicit ResultSender(Stream& stream) : stream_(stream) {}

  // Queues a message, and the values of its tensor if it has one. `sent` is called once, when all
  // of it was written or will never be, on gRPC's threads or inside this call.
  void Push(v1::StreamPreprocessResponse message, std::unique_ptr<TensorPieces> values,
            absl::AnyInvocable<void()> sent);

  // Drops everything that is not being written already: the stream has failed.
  void Abandon();

  // Ends the stream. Only when all that was pushed was sent. The sender may be gone afterwards.
  void Finish(const grpc::Status& status) { stream_.End(status); }

  // The write that was started has ended; `ok` is false when the other side is gone.
  void OnWriteDone(bool ok);

 private:
  struct Result {
    v1::StreamPreprocessResponse message;
    std::unique_ptr<TensorPieces> values;
    absl::AnyInvocable<void()> sent;
  };

  void WriteNext();

  Stream& stream_;
  Mutex mutex_;
  std::deque<Result> queue_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_STREAM_RESULT_SENDER_H_
