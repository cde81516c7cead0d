// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_HTTP_CURL_CALL_MAILBOX_H_
#define TESSERA_COMMON_HTTP_CURL_CALL_MAILBOX_H_

#include <atomic>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/http/http_client.h"
#include "common/http/unique_fd.h"

namespace tessera {

class CurlCallMailbox;
class CurlTransfer;

// The handle that callers hold. Shared by them and, until OnDone, by the I/O thread.
class CurlHttpCall final : public HttpCall, public std::enable_shared_from_this<CurlHttpCall> {
 public:
  explicit CurlHttpCall(std::shared_ptr<CurlCallMailbox> mailbox);

  void Cancel() override;
  void ResumeBody() override;
  const std::atomic<bool>& cancelled() const { return cancelled_; }

  // Null before the I/O thread has taken the call up and after it has ended. I/O thread only.
  CurlTransfer* transfer = nullptr;

 private:
  const std::shared_ptr<CurlCallMailbox> mailbox_;
  std::atomic<bool> cancelled_{false};
};

// What callers' threads want of the I/O thread, and the eventfd that tells it so. Thread-safe.
// Handles share it, so that a late Cancel() finds it even when the client is gone.
class CurlCallMailbox {
 public:
  struct Start {
    HttpRequest request;
    std::shared_ptr<HttpResponseSink> sink;
    std::shared_ptr<CurlHttpCall> call;
    // Of the monotonic clock.
    absl::Time started;
    // Not OK: the call was refused on arrival, only OnDone is left to do.
    absl::Status admission;
  };

  struct Content {
    // In the order of arrival; a call's start always comes out no later than its cancel.
    std::vector<Start> starts;
    std::vector<std::shared_ptr<CurlHttpCall>> cancels;
    // Calls whose body source has something to send again.
    std::vector<std::shared_ptr<CurlHttpCall>> resumes;
    bool closing = false;
  };

  // Takes an eventfd over.
  explicit CurlCallMailbox(int wake_fd) : wake_fd_(wake_fd) {}

  void PostStart(Start start);
  // Both dropped once the mailbox is closed: by then the I/O thread ends every call anyway.
  void PostCancel(std::shared_ptr<CurlHttpCall> call);
  void PostResume(std::shared_ptr<CurlHttpCall> call);
  void Close();

  Content TakeAll();

  // Readable while something is waiting.
  int wake_fd() const { return wake_fd_.get(); }

 private:
  // Wakes the I/O thread where `put`, which is called under the lock, has put something in.
  void Post(absl::FunctionRef<bool(Content&)> put);

  const UniqueFd wake_fd_;
  Mutex mutex_;
  Content content_ ABSL_GUARDED_BY(mutex_);
  bool awake_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_CURL_CALL_MAILBOX_H_
