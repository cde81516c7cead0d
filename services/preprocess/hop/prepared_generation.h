// SPDX-License-Identifier: Apache-2.0
//
// A generation whose pictures are prepared here and answered there: the hop is opened at once,
// pictures are prepared in parallel and sent on as each is ready, events come back.
#ifndef TESSERA_SERVICES_PREPROCESS_HOP_PREPARED_GENERATION_H_
#define TESSERA_SERVICES_PREPROCESS_HOP_PREPARED_GENERATION_H_

#include <grpcpp/client_context.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/cancellation.h"
#include "common/concurrency/mutex.h"
#include "services/preprocess/hop/hop_stream.h"
#include "services/preprocess/pending_work.h"
#include "services/preprocess/picture/picture_options.h"
#include "services/preprocess/preprocess_context.h"

namespace tessera::preprocess {

// Thread-safe, except that pictures are added by one thread at a time. Must live until OnEnd.
class PreparedGeneration : private HopStream::Listener {
 public:
  // Called on gRPC's threads and on workers, events possibly by several at once.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnEvent(inference::v1::StreamGenerateResponse event) = 0;
    // The hop wants no more pictures: call NoMorePictures, if that is still to come.
    virtual void OnClosed() = 0;
    // Exactly once, last, after NoMorePictures, when neither a worker nor the hop uses anything of
    // the call any more.
    virtual void OnEnd(const absl::Status& status) = 0;
  };

  // `hop` carries the deadline and the cancellation of the caller's RPC.
  PreparedGeneration(PreprocessContext& context, std::unique_ptr<grpc::ClientContext> hop,
                     absl::Time deadline, Listener& listener);

  // Opens the hop. Call once, first. `start` holds no files.
  void Start(inference::v1::GenerateRequest start, const PictureOptions& options);

  // Prepares `file`, which must stay valid until OnEnd, and sends it on under `stream_id`.
  void AddFile(int index, std::string stream_id, std::string_view file);
  // Sends a picture on that the caller has prepared.
  void AddPrepared(std::string stream_id, image::v1::Image image);
  // Exactly once; then OnEnd follows when everything has ended.
  void NoMorePictures();

  // Ends everything as soon as possible; OnEnd follows with this error if it is the first.
  void Fail(const absl::Status& error);

 private:
  void OnPrepared(int index, const std::string& stream_id, absl::StatusOr<PreparedPicture> picture,
                  absl::Duration queued);
  void FeedingEnded();
  void OnHopEvent(inference::v1::StreamGenerateResponse event) override;
  void OnHopClosed() override;
  void OnHopEnd(const absl::Status& status) override;

  PreprocessContext& context_;
  const std::unique_ptr<grpc::ClientContext> hop_context_;
  Listener& listener_;
  PictureOptions options_;
  CancellationSource cancellation_;
  PendingWork feeding_;  // Whoever adds pictures, and every picture in preparation.
  HopStream* hop_ = nullptr;
  const absl::Time start_;
  Mutex mutex_;
  absl::Duration last_picture_ready_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_HOP_PREPARED_GENERATION_H_
