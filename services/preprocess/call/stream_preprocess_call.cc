// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/call/stream_preprocess_call.h"

#include <google/rpc/status.pb.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/concurrency/cancellation.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/request_id.h"
#include "common/status/status_macros.h"
#include "services/preprocess/pending_work.h"
#include "services/preprocess/picture_messages.h"
#include "services/preprocess/stream/result_sender.h"
#include "services/preprocess/stream/stream_items.h"
#include "services/preprocess/tensor_messages.h"

namespace tessera::preprocess {
namespace {

// Life of a call: state the window, read pictures, have each prepared as soon as it is there, send
// each result as soon as it is ready. Whoever reads, and every picture until its result was sent,
// is a piece of work; the call ends when none is left.
class StreamPreprocessCall
    : public grpc::ServerBidiReactor<v1::StreamPreprocessRequest, v1::StreamPreprocessResponse>,
      public ResultSender::Stream {
 public:
  StreamPreprocessCall(PreprocessContext& context, grpc::CallbackServerContext* rpc)
      : context_(context),
        cancellation_(CallDeadline(*rpc, context.longest_call)),
        items_(context.stream_window, context.workers.limits(),
               [this](const HeaderPeek& peek, uint64_t file_bytes, const PictureOptions& options) {
                 return context_.workers.Consider(peek, file_bytes, options,
                                                  cancellation_.token().deadline());
               }),
        sender_(*this) {
    v1::StreamPreprocessResponse message;
    v1::StreamPreprocessWindow& window = *message.mutable_window();
    window.set_max_items(context.stream_window.max_items);
    window.set_max_bytes(context.stream_window.max_bytes);
    window.set_decision_bytes(kDecisionBytes);
    work_.Begin();
    sender_.Push(std::move(message), nullptr, [this] { EndOfWork(); });
    StartRead(&part_);
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return EndOfReading();
    if (const absl::Status status = Take(part_); !status.ok()) {
      Fail(status);
      return EndOfWork();
    }
    part_.Clear();
    StartRead(&part_);
  }

  void EndOfReading() {
    for (StreamItems::Next& cut : items_.CutOff()) Begin(std::move(cut));
    EndOfWork();
  }

  absl::Status Take(v1::StreamPreprocessRequest& part) {
    const bool first = !std::exchange(started_, true);
    switch (part.part_case()) {
      case v1::StreamPreprocessRequest::kStart:
        if (!first) return MalformedStreamError("`start` is not the first message");
        return TakeStart(part.start());
      case v1::StreamPreprocessRequest::kItem: {
        TESSERA_ASSIGN_OR_RETURN(std::optional<StreamItems::Next> next,
                                 items_.Take(std::move(*part.mutable_item())));
        if (next) Begin(*std::move(next));
        return absl::OkStatus();
      }
      case v1::StreamPreprocessRequest::kChunk: {
        TESSERA_ASSIGN_OR_RETURN(std::optional<StreamItems::Next> next,
                                 items_.Take(std::move(*part.mutable_chunk())));
        if (next) Begin(*std::move(next));
        return absl::OkStatus();
      }
      default:
        return MalformedStreamError("a message of the stream has no part set");
    }
  }

  absl::Status TakeStart(const v1::StreamPreprocessStart& start) {
    TESSERA_ASSIGN_OR_RETURN(request_id_, RequestIdOr(start.request_id()));
    return items_.SetDefaults(start);
  }

  void Begin(StreamItems::Next next) {
    work_.Begin();
    if (!next.refusal.ok()) return Send(ErrorResult(next.id, next.refusal), nullptr);
    context_.workers.Prepare(
        next.file, next.options, cancellation_.token(),
        [this, id = next.id](absl::StatusOr<PreparedPicture> picture, absl::Duration queued) {
          OnPrepared(id, std::move(picture), queued);
        });
  }

  void OnPrepared(const std::string& id, absl::StatusOr<PreparedPicture> picture,
                  absl::Duration queued) {
    items_.Forget(id);
    if (!picture.ok()) return Send(ErrorResult(id, picture.status()), nullptr);
    v1::StreamPreprocessResponse message;
    v1::StreamPreprocessResult& result = *message.mutable_result();
    result.set_id(id);
    std::unique_ptr<TensorPieces> values;
    if (picture->tensor) {
      *result.mutable_tensor() =
          DescribeTensor(*picture->tensor, {picture->width_px, picture->height_px});
      values = std::make_unique<TensorPieces>(*picture->tensor, std::move(picture->pixels));
    }
    *result.mutable_image() = ToMessage(*std::move(picture), queued);
    Send(std::move(message), std::move(values));
  }

  v1::StreamPreprocessResponse ErrorResult(const std::string& id, const absl::Status& error) const {
    v1::StreamPreprocessResponse message;
    message.mutable_result()->set_id(id);
    message.mutable_result()->mutable_error()->ParseFromString(
        ToGrpcStatus(FailedCall(error, request_id_)).error_details());
    return message;
  }

  void Send(v1::StreamPreprocessResponse message, std::unique_ptr<TensorPieces> values) {
    sender_.Push(std::move(message), std::move(values), [this] { EndOfWork(); });
  }

  void EndOfWork() {
    if (!work_.End()) return;
    const absl::Status status = work_.error();
    sender_.Finish(status.ok() ? grpc::Status::OK : ToGrpcStatus(FailedCall(status, request_id_)));
  }

  void Fail(const absl::Status& status) {
    if (!work_.Fail(status)) return;
    cancellation_.Cancel();
    sender_.Abandon();
  }

  void OnCancel() override { Fail(AbandonedError(cancellation_.token().deadline())); }

  // A caller may react to the last message of a picture before its write is seen to be done here,
  // so the picture's place in the window is freed first.
  void Write(const v1::StreamPreprocessResponse* message) override {
    if (message->has_tensor_chunk()) {
      if (message->tensor_chunk().last()) items_.Answered(message->tensor_chunk().id());
    } else if (message->has_result() && !message->result().has_tensor()) {
      items_.Answered(message->result().id());
    }
    StartWrite(message);
  }
  void End(const grpc::Status& status) override { Finish(status); }
  void OnWriteDone(bool ok) override { sender_.OnWriteDone(ok); }
  void OnDone() override { delete this; }

  PreprocessContext& context_;
  CancellationSource cancellation_;
  std::string request_id_ = MakeRequestId();  // Until `start` names another.
  v1::StreamPreprocessRequest part_;
  bool started_ = false;
  StreamItems items_;
  PendingWork work_;
  ResultSender sender_;
};

}  // namespace

grpc::ServerBidiReactor<v1::StreamPreprocessRequest, v1::StreamPreprocessResponse>*
StartStreamPreprocess(PreprocessContext& context, grpc::CallbackServerContext* rpc) {
  return new StreamPreprocessCall(context, rpc);
}

}  // namespace tessera::preprocess
