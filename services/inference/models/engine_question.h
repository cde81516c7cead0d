// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_ENGINE_QUESTION_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_ENGINE_QUESTION_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"
#include "common/http/http_client.h"

namespace tessera::inference {

// What a call asks the engine, one request at a time, and that its caller may leave at any moment:
// before the first request, during one, or between two. Thread-safe.
class EngineQuestion {
 public:
  // A request that is asked after Cancel is cancelled as well; its sink hears so.
  void Ask(HttpClient& http, HttpRequest request, std::shared_ptr<HttpResponseSink> sink);

  void Cancel();

  // There is more of the body of the request that is out; nothing when none is.
  void ResumeBody();

  // Whether anything was asked, be it answered or not.
  bool asked() const;

 private:
  mutable Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<HttpCall> call_ ABSL_GUARDED_BY(mutex_);  // The latest.
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_ENGINE_QUESTION_H_
