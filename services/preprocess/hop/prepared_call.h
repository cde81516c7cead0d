// SPDX-License-Identifier: Apache-2.0
//
// A request answered whole: its picture files are prepared here, the rest goes on as it came, and
// the response comes back as it is, with what became of the pictures. For unary calls and for the
// items of a batch.
#ifndef TESSERA_SERVICES_PREPROCESS_HOP_PREPARED_CALL_H_
#define TESSERA_SERVICES_PREPROCESS_HOP_PREPARED_CALL_H_

#include <grpcpp/client_context.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/proto_time.h"
#include "common/rpc/request_id.h"
#include "common/status/status_macros.h"
#include "services/preprocess/hop/prepared_pictures.h"
#include "services/preprocess/picture_files.h"
#include "services/preprocess/picture_messages.h"
#include "services/preprocess/preprocess_context.h"

namespace tessera::preprocess {

// Where the request goes on.
void Forward(InferenceClient& client, grpc::ClientContext* hop,
             const inference::v1::GenerateRequest* request,
             inference::v1::GenerateResponse* response, std::function<void(grpc::Status)> done);
void Forward(InferenceClient& client, grpc::ClientContext* hop,
             const inference::v1::ClassifyRequest* request,
             inference::v1::ClassifyResponse* response, std::function<void(grpc::Status)> done);
void Forward(InferenceClient& client, grpc::ClientContext* hop,
             const inference::v1::EmbedRequest* request, inference::v1::EmbedResponse* response,
             std::function<void(grpc::Status)> done);

// Thread-safe.
template <typename Request, typename Response>
class PreparedCall : public std::enable_shared_from_this<PreparedCall<Request, Response>> {
 public:
  using Done = std::function<void(absl::StatusOr<Response>)>;

  // `hop` carries the deadline and the cancellation of the caller's RPC.
  PreparedCall(PreprocessContext& context, std::unique_ptr<grpc::ClientContext> hop,
               absl::Time deadline, Request request)
      : context_(context),
        hop_(std::move(hop)),
        start_(absl::Now()),
        request_(std::move(request)),
        pictures_(deadline) {}

  // `done` is called exactly once, on any thread, perhaps before this returns; errors carry the
  // request's id. `prepared` is called once before it, when the workers have done their part. Call
  // once, when a shared_ptr holds this; it keeps itself until then.
  void Start(Done done, std::function<void()> prepared = nullptr) {
    done_ = std::move(done);
    prepared_ = std::move(prepared);
    const absl::Status status = Prepare();
    if (!status.ok()) OnPrepared(status);
  }

  // Ends it as soon as possible; `done` still follows.
  void Cancel() {
    pictures_.Cancel();
    hop_->TryCancel();
  }

 private:
  absl::Status Prepare() {
    TESSERA_ASSIGN_OR_RETURN(std::vector<PictureFile> files, TakeFiles(request_));
    TESSERA_ASSIGN_OR_RETURN(request_id_, RequestIdOr(request_.request_id()));
    request_.set_request_id(request_id_);
    PictureOptions options;
    if constexpr (requires { request_.image_options(); }) {
      TESSERA_ASSIGN_OR_RETURN(options,
                               ToPictureOptions(request_.image_options(), "image_options"));
    }
    has_files_ = !files.empty();
    pictures_.Prepare(context_.workers, std::move(files), options,
                      [self = this->shared_from_this()](const absl::Status& status) {
                        self->OnPrepared(status);
                      });
    return absl::OkStatus();
  }

  void OnPrepared(const absl::Status& status) {
    prepared_after_ = absl::Now() - start_;
    if (prepared_) prepared_();
    if (!status.ok()) return done_(FailedCall(status, request_id_));
    Forward(context_.inference, hop_.get(), &request_, &response_,
            [self = this->shared_from_this()](const grpc::Status& end) { self->OnAnswer(end); });
  }

  void OnAnswer(const grpc::Status& status) {
    if (!status.ok()) return done_(FailedCall(StatusFromHop(status), request_id_));
    if constexpr (requires { response_.add_images(); }) {
      for (const auto& [index, summary] : pictures_.summaries()) {
        *response_.add_images() = summary;
      }
    }
    if (has_files_) {
      *response_.mutable_completion()->mutable_timings()->mutable_preprocess() =
          ToProto(prepared_after_);
    }
    done_(std::move(response_));
  }

  PreprocessContext& context_;
  const std::unique_ptr<grpc::ClientContext> hop_;
  const absl::Time start_;
  std::string request_id_ = MakeRequestId();  // Unless the request names another.
  Request request_;
  Response response_;
  PreparedPictures pictures_;
  bool has_files_ = false;
  absl::Duration prepared_after_;
  Done done_;
  std::function<void()> prepared_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_HOP_PREPARED_CALL_H_
