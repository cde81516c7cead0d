// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/upload_blob_call.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"
#include "common/logging/log.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/request_id.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/engine/engine_errors.h"
#include "services/inference/models/engine_management.h"
#include "services/inference/models/engine_question.h"
#include "services/inference/models/gguf_header.h"
#include "services/inference/models/management_errors.h"
#include "services/inference/models/model_name.h"
#include "services/inference/models/piece_queue.h"

namespace tessera::inference {
namespace {

namespace api = model::v1;

// Waiting between caller and engine, beside the piece that is being read.
constexpr size_t kFullBytes = 4 << 20;
constexpr size_t kMaxErrorBytes = 64 << 10;

// Life of a call: read `start`, ask whether the engine has the file, then read pieces as fast as
// the engine takes them, wait for its verdict. While a request to the engine is out, only the end
// of that request ends the call, so that nothing outlives it.
class UploadBlobCall : public grpc::ServerReadReactor<api::UploadBlobRequest> {
 public:
  UploadBlobCall(const ModelsContext& context, grpc::CallbackServerContext* rpc,
                 api::UploadBlobResponse* response)
      : context_(context),
        rpc_(rpc),
        response_(*response),
        request_id_(MakeRequestId()),
        deadline_(CallDeadline(*rpc, context.longest_call)) {
    if (context.admin_allowed) {
      StartRead(&part_);
    } else {
      End(AdminDisabledError());
    }
  }

 private:
  // Lives on the HTTP client's thread.
  class Sink : public HttpResponseSink {
   public:
    using Then = void (UploadBlobCall::*)(const absl::Status&, int http_status,
                                          const std::string& body);
    Sink(UploadBlobCall& call, Then then) : call_(call), then_(then) {}
    void OnHead(const HttpHead& head) override { http_status_ = head.status; }
    absl::Status OnData(std::string_view bytes) override {
      body_ += bytes.substr(0, kMaxErrorBytes - std::min(body_.size(), kMaxErrorBytes));
      return absl::OkStatus();
    }
    void OnDone(const absl::Status& status, const HttpStats&) override {
      (call_.*then_)(status, http_status_, body_);
    }

   private:
    UploadBlobCall& call_;
    const Then then_;
    int http_status_ = 0;
    std::string body_;
  };

  void OnReadDone(bool ok) override {
    {
      MutexLock lock(&mutex_);
      if (ended_) return;
    }
    const absl::Status status = ok ? Take() : NoMoreParts();
    if (!status.ok()) Abandon(status);
  }

  absl::Status Take() {
    if (queue_ == nullptr) return TakeStart();
    if (!part_.has_piece()) return MalformedStreamError("after `start` only pieces may come");
    received_bytes_ += part_.piece().size();
    if (received_bytes_ > static_cast<uint64_t>(queue_->bytes())) return WrongSize();
    if (head_.size() < kGgufHeaderBytes) {
      head_ += part_.piece().substr(0, kGgufHeaderBytes - head_.size());
      const bool whole = head_.size() == kGgufHeaderBytes ||
                         received_bytes_ == static_cast<uint64_t>(queue_->bytes());
      if (whole) TESSERA_RETURN_IF_ERROR(CheckGgufHeader(head_));
    }
    const bool room = queue_->Push(std::move(*part_.mutable_piece()));
    question_.ResumeBody();
    // Otherwise the queue says when to go on.
    if (room) ReadOn();
    return absl::OkStatus();
  }

  absl::Status TakeStart() {
    if (!part_.has_start()) return MalformedStreamError("the first message must be `start`");
    const api::UploadBlobStart& start = part_.start();
    TESSERA_RETURN_IF_ERROR(CheckDigest("digest", start.digest()));
    if (start.size_bytes() < 1 || start.size_bytes() > uint64_t{1} << 50) {
      return InvalidField("size_bytes", "must be at least 1");
    }
    digest_ = start.digest();
    queue_ = std::make_shared<PieceQueue>(static_cast<int64_t>(start.size_bytes()), kFullBytes,
                                          [this] { ReadOn(); });
    AskEngine(FindBlobRequest(context_, digest_, deadline_), &UploadBlobCall::OnFound);
    return absl::OkStatus();
  }

  void AskEngine(HttpRequest request, Sink::Then then) {
    question_.Ask(context_.http, std::move(request), std::make_shared<Sink>(*this, then));
  }

  void OnFound(const absl::Status& status, int http_status, const std::string& body) {
    if (!status.ok()) return End(StatusFromTransport(status, http_status != 0));
    if (http_status == 200) {
      response_.set_existed(true);
      return End(absl::OkStatus());
    }
    if (http_status != 404) return End(StatusFromManagementReply(http_status, body));
    AskEngine(UploadRequest(context_, digest_, queue_, deadline_), &UploadBlobCall::OnUploaded);
    ReadOn();
  }

  void OnUploaded(const absl::Status& status, int http_status, const std::string& body) {
    absl::Status own;
    {
      MutexLock lock(&mutex_);
      own = own_error_;
    }
    if (!own.ok()) return End(own);
    if (!status.ok()) return End(StatusFromTransport(status, http_status != 0));
    if (http_status / 100 != 2) return End(StatusFromManagementReply(http_status, body));
    End(absl::OkStatus());
  }

  void ReadOn() {
    // Under the lock, so that the end of the call cannot come between.
    MutexLock lock(&mutex_);
    if (!ended_) StartRead(&part_);
  }

  // The caller has closed its side, or is gone.
  absl::Status NoMoreParts() {
    if (rpc_->IsCancelled()) return AbandonedError(CallDeadline(*rpc_, absl::InfiniteDuration()));
    if (queue_ == nullptr) return MalformedStreamError("the stream ended before `start`");
    return received_bytes_ == static_cast<uint64_t>(queue_->bytes()) ? absl::OkStatus()
                                                                     : WrongSize();
  }

  absl::Status WrongSize() const {
    return MalformedStreamError(
        fmt::format("{} bytes were announced, {} came", queue_->bytes(), received_bytes_));
  }

  // Ends the call with an error that is not the engine's.
  void Abandon(const absl::Status& error) {
    {
      MutexLock lock(&mutex_);
      if (question_.asked()) {
        own_error_ = error;
        question_.Cancel();
        return;
      }
    }
    End(error);
  }

  void End(const absl::Status& status) {
    {
      MutexLock lock(&mutex_);
      if (std::exchange(ended_, true)) return;
    }
    if (!status.ok()) {
      return Finish(ToGrpcStatus(FailedCall(status, "UploadBlob", request_id_)));
    }
    LogInfo("models changed",
            {{"method", "UploadBlob"}, {"digest", digest_}, {"request_id", request_id_}});
    Finish(grpc::Status::OK);
  }

  void OnCancel() override { question_.Cancel(); }
  void OnDone() override { delete this; }

  const ModelsContext& context_;
  grpc::CallbackServerContext* const rpc_;
  api::UploadBlobResponse& response_;
  const std::string request_id_;
  const absl::Time deadline_;
  api::UploadBlobRequest part_;
  std::string digest_;
  std::shared_ptr<PieceQueue> queue_;
  std::string head_;  // The file's first bytes.
  uint64_t received_bytes_ = 0;
  Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status own_error_ ABSL_GUARDED_BY(mutex_);
  EngineQuestion question_;
};

}  // namespace

grpc::ServerReadReactor<api::UploadBlobRequest>* StartUploadBlob(
    const ModelsContext& context, grpc::CallbackServerContext* rpc,
    api::UploadBlobResponse* response) {
  return new UploadBlobCall(context, rpc, response);
}

}  // namespace tessera::inference
