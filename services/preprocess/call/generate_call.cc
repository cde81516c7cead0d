// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/call/generate_call.h"

#include <map>
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
#include "common/status/status_macros.h"
#include "services/preprocess/call/passed_call.h"
#include "services/preprocess/hop/hop_context.h"
#include "services/preprocess/hop/prepared_generation.h"
#include "services/preprocess/picture_files.h"
#include "services/preprocess/picture_messages.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;

// Files to prepare: they are streamed to tessera-inference, the events are assembled.
class PreparedCall : public grpc::ServerUnaryReactor, public PreparedGeneration::Listener {
 public:
  PreparedCall(PreprocessContext& context, grpc::CallbackServerContext* rpc,
               const api::GenerateRequest* request, api::GenerateResponse* response)
      : context_(context), response_(response) {
    if (const absl::Status status = Begin(*rpc, *request); !status.ok()) Fail(status);
  }

 private:
  absl::Status Begin(const grpc::CallbackServerContext& rpc, const api::GenerateRequest& request) {
    std::vector<PictureFile> files;
    TESSERA_ASSIGN_OR_RETURN(api::GenerateRequest start, PartFiles(request, files));
    TESSERA_ASSIGN_OR_RETURN(request_id_, RequestIdOr(request.request_id()));
    start.set_request_id(request_id_);
    TESSERA_ASSIGN_OR_RETURN(const PictureOptions options,
                             ToPictureOptions(request.image_options(), "image_options"));
    deadline_ = CallDeadline(rpc, context_.longest_call);
    generation_ = std::make_unique<PreparedGeneration>(context_, MakeHopContext(rpc, deadline_),
                                                       deadline_, *this);
    generation_->Start(std::move(start), options);
    for (PictureFile& file : files) {
      generation_->AddFile(file.index, std::move(file.stream_id), file.content);
    }
    generation_->NoMorePictures();
    return absl::OkStatus();
  }

  void OnEvent(api::StreamGenerateResponse event) override {
    MutexLock lock(&mutex_);
    switch (event.event_case()) {
      case api::StreamGenerateResponse::kImagePrepared:
        images_[event.image_prepared().index()] = std::move(*event.mutable_image_prepared());
        break;
      case api::StreamGenerateResponse::kText:
        if (response_->text().size() + event.text().text().size() > context_.max_reply_bytes) {
          generation_->Fail(ReplyTooLargeError(context_.max_reply_bytes));
          break;
        }
        response_->mutable_text()->append(event.text().text());
        break;
      case api::StreamGenerateResponse::kFinished:
        *response_->mutable_completion() = std::move(*event.mutable_finished());
        break;
      default:
        break;
    }
  }

  void OnClosed() override {}

  void OnEnd(const absl::Status& status) override {
    if (!status.ok()) return Fail(status);
    for (auto& [index, summary] : images_) *response_->add_images() = std::move(summary);
    Finish(grpc::Status::OK);
  }

  void Fail(const absl::Status& error) {
    Finish(ToGrpcStatus(FailedCall(error, "Generate", request_id_)));
  }

  void OnCancel() override {
    if (generation_ != nullptr) {
      generation_->Fail(AbandonedError(deadline_));
    }
  }

  void OnDone() override { delete this; }

  PreprocessContext& context_;
  api::GenerateResponse* const response_;
  std::string request_id_ = MakeRequestId();  // Unless the request names another.
  absl::Time deadline_;
  std::unique_ptr<PreparedGeneration> generation_;
  Mutex mutex_;
  std::map<uint32_t, api::ImageSummary> images_;
};

}  // namespace

grpc::ServerUnaryReactor* StartGenerate(PreprocessContext& context,
                                        grpc::CallbackServerContext* rpc,
                                        const api::GenerateRequest* request,
                                        api::GenerateResponse* response) {
  if (HasFiles(*request)) return new PreparedCall(context, rpc, request, response);
  return new PassedCall(*rpc, context.longest_call, "Generate", request->request_id(),
                        [&](grpc::ClientContext* hop, PassedCall::Done done) {
                          context.inference.async().Generate(hop, request, response,
                                                             std::move(done));
                        });
}

}  // namespace tessera::preprocess
