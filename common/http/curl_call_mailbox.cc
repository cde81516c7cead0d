// SPDX-License-Identifier: Apache-2.0
#include "common/http/curl_call_mailbox.h"

#include <unistd.h>

#include <cstdint>
#include <utility>

namespace tessera {

CurlHttpCall::CurlHttpCall(std::shared_ptr<CurlCallMailbox> mailbox)
    : mailbox_(std::move(mailbox)) {}

void CurlHttpCall::Cancel() {
  if (!cancelled_.exchange(true)) mailbox_->PostCancel(shared_from_this());
}

void CurlHttpCall::ResumeBody() { mailbox_->PostResume(shared_from_this()); }

void CurlCallMailbox::PostStart(Start start) {
  Post([&](Content& content) {
    content.starts.push_back(std::move(start));
    return true;
  });
}

void CurlCallMailbox::PostCancel(std::shared_ptr<CurlHttpCall> call) {
  Post([&](Content& content) {
    if (!content.closing) content.cancels.push_back(std::move(call));
    return !content.closing;
  });
}

void CurlCallMailbox::PostResume(std::shared_ptr<CurlHttpCall> call) {
  Post([&](Content& content) {
    if (!content.closing) content.resumes.push_back(std::move(call));
    return !content.closing;
  });
}

void CurlCallMailbox::Close() {
  Post([](Content& content) { return content.closing = true; });
}

void CurlCallMailbox::Post(absl::FunctionRef<bool(Content&)> put) {
  {
    MutexLock lock(&mutex_);
    // One write per batch: a system call for each of a thousand starts would be wasted.
    if (!put(content_) || std::exchange(awake_, true)) return;
  }
  // Without the lock, on which the woken thread would run at once.
  const uint64_t one = 1;
  (void)!write(wake_fd_.get(), &one, sizeof(one));
}

CurlCallMailbox::Content CurlCallMailbox::TakeAll() {
  MutexLock lock(&mutex_);
  awake_ = false;
  Content taken = std::exchange(content_, {});
  content_.closing = taken.closing;
  return taken;
}

}  // namespace tessera
