// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/progress_call.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/logging/log.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/request_id.h"
#include "common/rpc/stream_writer.h"
#include "common/status/status_macros.h"
#include "services/inference/engine/engine_errors.h"
#include "services/inference/engine/line_splitter.h"
#include "services/inference/models/create_request_body.h"
#include "services/inference/models/engine_management.h"
#include "services/inference/models/engine_question.h"
#include "services/inference/models/management_errors.h"
#include "services/inference/models/model_name.h"
#include "services/inference/models/progress_lines.h"

namespace tessera::inference {
namespace {

namespace api = model::v1;

// A caller that does not read loses lines of progress, not the call.
constexpr size_t kMaxUnsentBytes = 64 << 10;
constexpr size_t kMaxLineBytes = 1 << 20;
constexpr size_t kMaxErrorBytes = 64 << 10;

template <typename Response>
class ProgressCall : public grpc::ServerWriteReactor<Response>,
                     public StreamWriter<Response>::Stream {
 public:
  // `request` is the engine's, or why there is none.
  ProgressCall(const ModelsContext& context, std::string_view method, std::string model,
               absl::StatusOr<HttpRequest> request)
      : method_(method),
        model_(std::move(model)),
        request_id_(MakeRequestId()),
        writer_(*this, kMaxUnsentBytes) {
    if (!request.ok()) {
      End(request.status());
      return;
    }
    question_.Ask(context.http, *std::move(request), std::make_shared<Sink>(*this));
  }

 private:
  // Lives on the HTTP client's thread; its OnDone is the last that this call hears.
  class Sink : public HttpResponseSink {
   public:
    explicit Sink(ProgressCall& call) : call_(call) {}

    void OnHead(const HttpHead& head) override { http_status_ = head.status; }

    absl::Status OnData(std::string_view bytes) override {
      if (http_status_ != 200) {
        error_body_ +=
            bytes.substr(0, kMaxErrorBytes - std::min(error_body_.size(), kMaxErrorBytes));
        return absl::OkStatus();
      }
      own_error_ = lines_.Feed(bytes, [this](std::string_view line) { return OnLine(line); });
      return own_error_;
    }

    void OnDone(const absl::Status& status, const HttpStats&) override {
      call_.End(Outcome(status));
    }

   private:
    absl::Status OnLine(std::string_view line) {
      TESSERA_ASSIGN_OR_RETURN(auto progress, progress_.Read(line, absl::Now()));
      if (progress) call_.Tell(*std::move(progress));
      return absl::OkStatus();
    }

    absl::Status Outcome(const absl::Status& status) {
      if (!own_error_.ok()) return own_error_;
      if (!status.ok()) return StatusFromTransport(status, http_status_ != 0);
      if (http_status_ != 200) return StatusFromManagementReply(http_status_, error_body_);
      TESSERA_RETURN_IF_ERROR(
          lines_.Finish([this](std::string_view line) { return OnLine(line); }));
      return progress_.succeeded() ? absl::OkStatus() : StreamEndedEarly();
    }

    ProgressCall& call_;
    LineSplitter lines_{kMaxLineBytes};
    ProgressLines progress_;
    int http_status_ = 0;
    std::string error_body_;
    absl::Status own_error_;
  };

  void Tell(api::ModelProgress progress) {
    Response response;
    *response.mutable_progress() = std::move(progress);
    (void)writer_.Push(std::move(response));
  }

  void End(const absl::Status& status) {
    if (status.ok()) {
      LogInfo("models changed",
              {{"method", method_}, {"model", model_}, {"request_id", request_id_}});
      return writer_.Finish(grpc::Status::OK);
    }
    writer_.Finish(ToGrpcStatus(FailedCall(status, method_, request_id_)));
  }

  void Write(const Response* response) override { this->StartWrite(response); }
  void End(const grpc::Status& status) override { this->Finish(status); }
  void OnWriteDone(bool ok) override { writer_.OnWriteDone(ok); }

  void OnCancel() override { question_.Cancel(); }
  void OnDone() override { delete this; }

  const std::string_view method_;
  const std::string model_;
  const std::string request_id_;
  StreamWriter<Response> writer_;
  EngineQuestion question_;
};

absl::StatusOr<HttpRequest> MakePull(const ModelsContext& context,
                                     const api::PullModelRequest& request, absl::Time deadline) {
  if (!context.admin_allowed) return AdminDisabledError();
  TESSERA_RETURN_IF_ERROR(CheckModelName("model", request.model()));
  return PullRequest(context, request.model(), deadline);
}

absl::StatusOr<HttpRequest> MakeCreate(const ModelsContext& context,
                                       const api::CreateModelRequest& request,
                                       absl::Time deadline) {
  if (!context.admin_allowed) return AdminDisabledError();
  TESSERA_ASSIGN_OR_RETURN(std::string body, MakeCreateRequestBody(request));
  return CreateRequest(context, std::move(body), deadline);
}

}  // namespace

grpc::ServerWriteReactor<api::PullModelResponse>* StartPullModel(
    const ModelsContext& context, grpc::CallbackServerContext* rpc,
    const api::PullModelRequest* request) {
  return new ProgressCall<api::PullModelResponse>(
      context, "PullModel", request->model(),
      MakePull(context, *request, CallDeadline(*rpc, context.longest_call)));
}

grpc::ServerWriteReactor<api::CreateModelResponse>* StartCreateModel(
    const ModelsContext& context, grpc::CallbackServerContext* rpc,
    const api::CreateModelRequest* request) {
  return new ProgressCall<api::CreateModelResponse>(
      context, "CreateModel", request->model(),
      MakeCreate(context, *request, CallDeadline(*rpc, context.longest_call)));
}

}  // namespace tessera::inference
