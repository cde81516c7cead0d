// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/call/stream_generate_call.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/request_id.h"
#include "common/rpc/stream_writer.h"
#include "common/status/status_macros.h"
#include "services/preprocess/hop/hop_context.h"
#include "services/preprocess/hop/prepared_generation.h"
#include "services/preprocess/picture_files.h"
#include "services/preprocess/picture_messages.h"
#include "services/preprocess/uploads.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;

// Life of a call: read `start` and open the hop; prepare its files and those that follow, and send
// each on; relay the events; end. Before the hop is open an error ends the call here, afterwards
// everything ends through PreparedGeneration::Listener::OnEnd.
class StreamGenerateCall
    : public grpc::ServerBidiReactor<api::StreamGenerateRequest, api::StreamGenerateResponse>,
      public PreparedGeneration::Listener,
      public StreamWriter<api::StreamGenerateResponse>::Stream {
 public:
  StreamGenerateCall(PreprocessContext& context, grpc::CallbackServerContext* rpc)
      : context_(context),
        rpc_(rpc),
        deadline_(CallDeadline(*rpc, context.longest_call)),
        uploads_(context.max_file_bytes),
        writer_(*this, context.max_unsent_bytes) {
    StartRead(&part_);
  }

 private:
  void OnReadDone(bool ok) override {
    const absl::Status status = ok ? Take(part_) : NoMoreParts();
    MutexLock lock(&mutex_);
    if (generation_ == nullptr) return EndCall(status);
    if (!status.ok()) generation_->Fail(status);
    if (status.ok() && !uploads_.complete() && feeding_) {
      part_.Clear();
      StartRead(&part_);
    } else {
      EndFeeding();
    }
  }

  // No more messages: the caller has closed its side, or is gone.
  absl::Status NoMoreParts() const {
    if (rpc_->IsCancelled()) return AbandonedError(deadline_);
    return MalformedStreamError(started_ ? "the stream ended before all promised pictures had come"
                                         : "the stream ended before its first message, `start`");
  }

  // The end of the call, once: everything has ended that used it.
  void EndCall(const absl::Status& status) {
    if (status.ok()) return writer_.Finish(grpc::Status::OK);
    writer_.Finish(ToGrpcStatus(FailedCall(status, request_id_)));
  }

  absl::Status Take(api::StreamGenerateRequest& part) {
    if (part.has_start()) return TakeStart(*part.mutable_start());
    if (!started_) return MalformedStreamError("the first message of the stream is not `start`");
    switch (part.part_case()) {
      case api::StreamGenerateRequest::kImage: {
        TESSERA_ASSIGN_OR_RETURN(Upload upload, uploads_.Take(std::move(*part.mutable_image())));
        Feed(std::move(upload));
        return absl::OkStatus();
      }
      case api::StreamGenerateRequest::kChunk: {
        TESSERA_ASSIGN_OR_RETURN(std::optional<Upload> upload,
                                 uploads_.Take(std::move(*part.mutable_chunk())));
        if (upload) Feed(*std::move(upload));
        return absl::OkStatus();
      }
      default:
        return MalformedStreamError("a message of the stream has no part set");
    }
  }

  absl::Status TakeStart(api::GenerateRequest& start) {
    if (started_) return MalformedStreamError("`start` was sent twice");
    started_ = true;
    TESSERA_RETURN_IF_ERROR(uploads_.Expect(start));
    TESSERA_ASSIGN_OR_RETURN(files_, TakeFiles(start));
    TESSERA_ASSIGN_OR_RETURN(request_id_, RequestIdOr(start.request_id()));
    start.set_request_id(request_id_);
    TESSERA_ASSIGN_OR_RETURN(const PictureOptions options,
                             ToPictureOptions(start.image_options(), "image_options"));
    auto generation = std::make_unique<PreparedGeneration>(
        context_, MakeHopContext(*rpc_, deadline_), deadline_, *this);
    MutexLock lock(&mutex_);
    generation_ = std::move(generation);
    generation_->Start(std::move(start), options);
    for (const PictureFile& file : files_) {
      generation_->AddFile(file.index, file.stream_id, file.content);
    }
    return absl::OkStatus();
  }

  void Feed(Upload upload) {
    MutexLock lock(&mutex_);
    if (!feeding_) return;
    if (upload.prepared) {
      generation_->AddPrepared(std::move(upload.stream_id), *std::move(upload.prepared));
    } else {
      generation_->AddFile(upload.index, std::move(upload.stream_id), upload.file);
    }
  }

  void EndFeeding() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (std::exchange(feeding_, false)) generation_->NoMorePictures();
  }

  void OnEvent(api::StreamGenerateResponse event) override {
    const absl::Status status = writer_.Push(std::move(event));
    if (!status.ok()) generation_->Fail(status);
  }

  void OnClosed() override {
    MutexLock lock(&mutex_);
    EndFeeding();
  }

  void OnEnd(const absl::Status& status) override { EndCall(status); }

  void OnCancel() override {
    MutexLock lock(&mutex_);
    if (generation_ != nullptr) generation_->Fail(AbandonedError(deadline_));
  }

  void Write(const api::StreamGenerateResponse* event) override { StartWrite(event); }
  void End(const grpc::Status& status) override { Finish(status); }
  void OnWriteDone(bool ok) override { writer_.OnWriteDone(ok); }
  void OnDone() override { delete this; }

  PreprocessContext& context_;
  grpc::CallbackServerContext* const rpc_;
  const absl::Time deadline_;
  std::string request_id_ = MakeRequestId();  // Until `start` names another.
  api::StreamGenerateRequest part_;
  std::vector<PictureFile> files_;  // That came with `start`.
  Uploads uploads_;
  bool started_ = false;
  StreamWriter<api::StreamGenerateResponse> writer_;
  Mutex mutex_;
  bool feeding_ ABSL_GUARDED_BY(mutex_) = true;
  std::unique_ptr<PreparedGeneration> generation_;  // Set once, under mutex_.
};

}  // namespace

grpc::ServerBidiReactor<api::StreamGenerateRequest, api::StreamGenerateResponse>*
StartStreamGenerate(PreprocessContext& context, grpc::CallbackServerContext* rpc) {
  return new StreamGenerateCall(context, rpc);
}

}  // namespace tessera::preprocess
