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
  bool wake = false;
  {
    MutexLock lock(&mutex_);
    content_.starts.push_back(std::move(start));
    wake = NeedsWaking();
  }
  if (wake) Wake();
}

void CurlCallMailbox::PostCancel(std::shared_ptr<CurlHttpCall> call) {
  bool wake = false;
  {
    MutexLock lock(&mutex_);
    if (content_.closing) return;
    content_.cancels.push_back(std::move(call));
    wake = NeedsWaking();
  }
  if (wake) Wake();
}

void CurlCallMailbox::PostResume(std::shared_ptr<CurlHttpCall> call) {
  bool wake = false;
  {
    MutexLock lock(&mutex_);
    if (content_.closing) return;
    content_.resumes.push_back(std::move(call));
    wake = NeedsWaking();
  }
  if (wake) Wake();
}

void CurlCallMailbox::Close() {
  bool wake = false;
  {
    MutexLock lock(&mutex_);
    content_.closing = true;
    wake = NeedsWaking();
  }
  if (wake) Wake();
}

bool CurlCallMailbox::NeedsWaking() {
  // One write per batch: a system call for each of a thousand starts would be wasted.
  return !std::exchange(awake_, true);
}

void CurlCallMailbox::Wake() const {
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
