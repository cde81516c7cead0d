// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/engine_question.h"

#include <utility>

namespace tessera::inference {

void EngineQuestion::Ask(HttpClient& http, HttpRequest request,
                         std::shared_ptr<HttpResponseSink> sink) {
  MutexLock lock(&mutex_);
  call_ = http.Start(std::move(request), std::move(sink));
  if (cancelled_) call_->Cancel();
}

void EngineQuestion::Cancel() {
  std::shared_ptr<HttpCall> call;
  {
    MutexLock lock(&mutex_);
    cancelled_ = true;
    call = call_;
  }
  if (call != nullptr) call->Cancel();
}

void EngineQuestion::ResumeBody() {
  MutexLock lock(&mutex_);
  if (call_ != nullptr) call_->ResumeBody();
}

bool EngineQuestion::asked() const {
  MutexLock lock(&mutex_);
  return call_ != nullptr;
}

}  // namespace tessera::inference
