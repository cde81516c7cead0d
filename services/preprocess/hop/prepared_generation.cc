// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/hop/prepared_generation.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/rpc/proto_time.h"
#include "common/status/error.h"
#include "services/preprocess/picture_messages.h"

namespace tessera::preprocess {

namespace api = inference::v1;

PreparedGeneration::PreparedGeneration(PreprocessContext& context,
                                       std::unique_ptr<grpc::ClientContext> hop,
                                       absl::Time deadline, Listener& listener)
    : context_(context),
      hop_context_(std::move(hop)),
      listener_(listener),
      cancellation_(deadline),
      start_(absl::Now()) {}

void PreparedGeneration::Start(api::GenerateRequest start, const PictureOptions& options) {
  options_ = options;
  hop_ = HopStream::Open(context_.inference, hop_context_.get(), *this);
  api::StreamGenerateRequest message;
  *message.mutable_start() = std::move(start);
  hop_->Send(std::move(message));
}

void PreparedGeneration::AddFile(int index, std::string stream_id, std::string_view file) {
  feeding_.Begin();
  context_.workers.Prepare(file, options_, cancellation_.token(),
                           [this, index, stream_id = std::move(stream_id)](
                               absl::StatusOr<PreparedPicture> picture, absl::Duration queued) {
                             OnPrepared(index, stream_id, std::move(picture), queued);
                           });
}

void PreparedGeneration::OnPrepared(int index, const std::string& stream_id,
                                    absl::StatusOr<PreparedPicture> picture,
                                    absl::Duration queued) {
  if (picture.ok()) {
    image::v1::Image image;
    *image.mutable_prepared() = ToMessage(*std::move(picture), queued);
    api::StreamGenerateResponse event;
    *event.mutable_image_prepared() = Summarise(image.prepared(), index);
    {
      MutexLock lock(&mutex_);
      last_picture_ready_ = std::max(last_picture_ready_, absl::Now() - start_);
    }
    listener_.OnEvent(std::move(event));
    AddPrepared(stream_id, std::move(image));
  } else {
    Fail(WithMetadata(picture.status(), "imageIndex", std::to_string(index)));
  }
  if (feeding_.End()) FeedingEnded();
}

void PreparedGeneration::AddPrepared(std::string stream_id, image::v1::Image image) {
  api::StreamGenerateRequest message;
  message.mutable_image()->set_stream_id(std::move(stream_id));
  *message.mutable_image()->mutable_image() = std::move(image);
  hop_->Send(std::move(message));
}

void PreparedGeneration::NoMorePictures() {
  if (feeding_.End()) FeedingEnded();
}

void PreparedGeneration::FeedingEnded() { hop_->SendEnd(); }

void PreparedGeneration::Fail(const absl::Status& error) {
  if (!feeding_.Fail(error)) return;
  cancellation_.Cancel();
  hop_context_->TryCancel();
}

void PreparedGeneration::OnHopEvent(api::StreamGenerateResponse event) {
  if (event.has_finished()) {
    MutexLock lock(&mutex_);
    *event.mutable_finished()->mutable_timings()->mutable_preprocess() =
        ToProto(last_picture_ready_);
  }
  listener_.OnEvent(std::move(event));
}

void PreparedGeneration::OnHopClosed() {
  // Pictures that are still being prepared have nowhere to go.
  cancellation_.Cancel();
  listener_.OnClosed();
}

void PreparedGeneration::OnHopEnd(const absl::Status& status) {
  const absl::Status own = feeding_.error();
  // Pictures that were cancelled because the hop ended are not why it ended.
  const bool consequence = absl::IsCancelled(own) && !status.ok();
  listener_.OnEnd(own.ok() || consequence ? status : own);
}

}  // namespace tessera::preprocess
