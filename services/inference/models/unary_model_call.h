// SPDX-License-Identifier: Apache-2.0
//
// What unary calls about models have in common: they ask the engine one thing after another and
// end once; a caller that goes away ends the engine's work, too.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_UNARY_MODEL_CALL_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_UNARY_MODEL_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/http/collecting_sink.h"
#include "common/http/http_client.h"
#include "services/inference/models/engine_question.h"
#include "services/inference/models/models_context.h"

namespace tessera::inference {

// Who may call a method.
enum class ModelCallKind { kQuestion, kAdmin };

// Owned by gRPC: deleted in OnDone, which comes after Finish and thus after the last answer of the
// engine. Derived classes call Begin at the end of their constructors.
class UnaryModelCall : public grpc::ServerUnaryReactor {
 protected:
  // `method` is the RPC's name, for logs.
  UnaryModelCall(const ModelsContext& context, grpc::CallbackServerContext* rpc,
                 std::string_view method);

  // Runs `steps` if the caller may make this `kind` of call; else, and when `steps` fails, ends the
  // call. `model` is for the log line of an admin call.
  void Begin(ModelCallKind kind, std::string_view model,
             const std::function<absl::Status()>& steps);

  // Asks the engine; its answer, whatever its HTTP status, goes to `then`, on the HTTP client's
  // thread. An error of `then`, or no answer, ends the call. One question at a time.
  using Then = std::function<absl::Status(HttpResponse)>;
  void Ask(HttpRequest request, Then then);

  // Ends the call well. Nothing of this object may be touched afterwards.
  void Succeed();

  const ModelsContext& context() const { return context_; }
  absl::Time deadline() const { return deadline_; }

 private:
  class Sink;

  void OnAnswer(const absl::Status& status, HttpResponse response, const Then& then);
  void Fail(const absl::Status& error);
  void OnCancel() final;
  void OnDone() final { delete this; }

  const ModelsContext& context_;
  const std::string_view method_;
  const absl::Time deadline_;
  const std::string request_id_;
  ModelCallKind kind_ = ModelCallKind::kQuestion;
  std::string model_;
  EngineQuestion question_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_UNARY_MODEL_CALL_H_
