// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/call/classify_call.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/clock.h"
#include "common/concurrency/cancellation.h"
#include "common/concurrency/mutex.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/proto_time.h"
#include "common/rpc/request_id.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/preprocess/hop/hop_context.h"
#include "services/preprocess/pending_work.h"
#include "services/preprocess/picture_files.h"
#include "services/preprocess/picture_messages.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;

class ClassifyCall : public grpc::ServerUnaryReactor {
 public:
  ClassifyCall(PreprocessContext& context, grpc::CallbackServerContext* rpc,
               const api::ClassifyRequest* request, api::ClassifyResponse* response)
      : context_(context),
        response_(response),
        start_(absl::Now()),
        deadline_(CallDeadline(*rpc, context.longest_call)),
        cancellation_(deadline_),
        hop_(MakeHopContext(*rpc, deadline_)) {
    if (const absl::Status status = PrepareFiles(*request); !status.ok()) Fail(status);
  }

 private:
  absl::Status PrepareFiles(const api::ClassifyRequest& request) {
    std::vector<PictureFile> files;
    TESSERA_ASSIGN_OR_RETURN(forwarded_, PartFiles(request, files));
    TESSERA_ASSIGN_OR_RETURN(request_id_, RequestIdOr(request.request_id()));
    forwarded_.set_request_id(request_id_);
    TESSERA_ASSIGN_OR_RETURN(const PictureOptions options,
                             ToPictureOptions(request.image_options(), "image_options"));
    for (const PictureFile& file : files) {
      preparing_.Begin();
      context_.workers.Prepare(file.content, options, cancellation_.token(),
                               [this, index = file.index](absl::StatusOr<PreparedPicture> picture,
                                                          absl::Duration queued) {
                                 OnPrepared(index, std::move(picture), queued);
                               });
    }
    if (preparing_.End()) Forward();
    return absl::OkStatus();
  }

  void OnPrepared(int index, absl::StatusOr<PreparedPicture> picture, absl::Duration queued) {
    if (picture.ok()) {
      image::v1::PreparedImage image = ToMessage(*std::move(picture), queued);
      MutexLock lock(&mutex_);
      images_[index] = Summarise(image, index);
      *forwarded_.mutable_images(index)->mutable_prepared() = std::move(image);
    } else if (preparing_.Fail(
                   WithMetadata(picture.status(), "imageIndex", std::to_string(index)))) {
      cancellation_.Cancel();
    }
    if (preparing_.End()) Forward();
  }

  // The last picture is ready, or the first error has stopped the others.
  void Forward() {
    if (const absl::Status error = preparing_.error(); !error.ok()) return Fail(error);
    prepared_after_ = images_.empty() ? absl::ZeroDuration() : absl::Now() - start_;
    context_.inference.async().Classify(
        hop_.get(), &forwarded_, response_, [this](const grpc::Status& status) {
          if (!status.ok()) return Fail(StatusFromHop(status));
          for (auto& [index, image] : images_) *response_->add_images() = std::move(image);
          *response_->mutable_completion()->mutable_timings()->mutable_preprocess() =
              ToProto(prepared_after_);
          Finish(grpc::Status::OK);
        });
  }

  void Fail(const absl::Status& error) {
    Finish(ToGrpcStatus(FailedCall(error, "Classify", request_id_)));
  }

  // The hop notices by itself: its context is a child of the caller's RPC.
  void OnCancel() override { cancellation_.Cancel(); }
  void OnDone() override { delete this; }

  PreprocessContext& context_;
  api::ClassifyResponse* const response_;
  const absl::Time start_;
  const absl::Time deadline_;
  CancellationSource cancellation_;
  const std::unique_ptr<grpc::ClientContext> hop_;
  std::string request_id_ = MakeRequestId();  // Unless the request names another.
  PendingWork preparing_;
  absl::Duration prepared_after_;
  Mutex mutex_;
  api::ClassifyRequest forwarded_;
  std::map<int, api::ImageSummary> images_;
};

}  // namespace

grpc::ServerUnaryReactor* StartClassify(PreprocessContext& context,
                                        grpc::CallbackServerContext* rpc,
                                        const api::ClassifyRequest* request,
                                        api::ClassifyResponse* response) {
  return new ClassifyCall(context, rpc, request, response);
}

}  // namespace tessera::preprocess
