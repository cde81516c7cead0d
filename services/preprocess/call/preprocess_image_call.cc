// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/call/preprocess_image_call.h"

#include <string>
#include <utility>

#include "common/concurrency/cancellation.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/request_id.h"
#include "common/status/status_macros.h"
#include "services/preprocess/picture_messages.h"
#include "services/preprocess/tensor_messages.h"

namespace tessera::preprocess {
namespace {

class PreprocessImageCall : public grpc::ServerUnaryReactor {
 public:
  PreprocessImageCall(PreprocessContext& context, grpc::CallbackServerContext* rpc,
                      const v1::PreprocessImageRequest* request,
                      v1::PreprocessImageResponse* response)
      : response_(response), cancellation_(CallDeadline(*rpc, context.longest_call)) {
    if (const absl::Status status = Begin(context, *request); !status.ok()) Fail(status);
  }

 private:
  absl::Status Begin(PreprocessContext& context, const v1::PreprocessImageRequest& request) {
    TESSERA_ASSIGN_OR_RETURN(request_id_, RequestIdOr(request.request_id()));
    TESSERA_ASSIGN_OR_RETURN(PictureOptions options,
                             ToPictureOptions(request.options(), "options"));
    if (request.has_tensor()) {
      TESSERA_ASSIGN_OR_RETURN(options.tensor, ToTensorSpec(request.tensor(), "tensor"));
      options.max_tensor_bytes = kMaxUnaryTensorBytes;
    }
    context.workers.Prepare(request.content(), options, cancellation_.token(),
                            [this](absl::StatusOr<PreparedPicture> picture, absl::Duration queued) {
                              if (!picture.ok()) return Fail(picture.status());
                              response_->set_request_id(request_id_);
                              if (picture->tensor) {
                                *response_->mutable_tensor() = ToTensorMessage(*picture);
                              }
                              *response_->mutable_image() = ToMessage(*std::move(picture), queued);
                              Finish(grpc::Status::OK);
                            });
    return absl::OkStatus();
  }

  void Fail(const absl::Status& error) {
    Finish(ToGrpcStatus(FailedCall(error, "PreprocessImage", request_id_)));
  }

  void OnCancel() override { cancellation_.Cancel(); }
  void OnDone() override { delete this; }

  v1::PreprocessImageResponse* const response_;
  std::string request_id_ = MakeRequestId();  // Unless the request names another.
  CancellationSource cancellation_;
};

}  // namespace

grpc::ServerUnaryReactor* StartPreprocessImage(PreprocessContext& context,
                                               grpc::CallbackServerContext* rpc,
                                               const v1::PreprocessImageRequest* request,
                                               v1::PreprocessImageResponse* response) {
  return new PreprocessImageCall(context, rpc, request, response);
}

}  // namespace tessera::preprocess
