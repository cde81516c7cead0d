// SPDX-License-Identifier: Apache-2.0
//
// One StreamGenerate call to tessera-inference, seen from tessera-preprocess.
#ifndef TESSERA_SERVICES_PREPROCESS_HOP_HOP_STREAM_H_
#define TESSERA_SERVICES_PREPROCESS_HOP_HOP_STREAM_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include "absl/status/status.h"
#include "common/rpc/stream_writer.h"
#include "services/preprocess/hop/inference_client.h"

namespace tessera::preprocess {

// Thread-safe. Deletes itself after OnHopEnd.
class HopStream : private grpc::ClientBidiReactor<inference::v1::StreamGenerateRequest,
                                                  inference::v1::StreamGenerateResponse>,
                  private StreamWriter<inference::v1::StreamGenerateRequest>::Stream {
 public:
  // Called on gRPC's threads.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnHopEvent(inference::v1::StreamGenerateResponse event) = 0;
    // No more events will come; SendEnd, if it is still to come, need not wait for anything.
    virtual void OnHopClosed() = 0;
    // Exactly once, last, after SendEnd.
    virtual void OnHopEnd(const absl::Status& status) = 0;
  };

  // Opens the call. `context` carries deadline and cancellation; it and `listener` must live until
  // OnHopEnd has returned. To cancel, cancel the context.
  static HopStream* Open(InferenceClient& client, grpc::ClientContext* context, Listener& listener);

  // Queues a message. Not after SendEnd. What the other side no longer wants is dropped.
  void Send(inference::v1::StreamGenerateRequest message);
  // Half-closes after everything that was sent. Exactly once.
  void SendEnd();

 private:
  explicit HopStream(Listener& listener);

  void Write(const inference::v1::StreamGenerateRequest* message) override { StartWrite(message); }
  void End(const grpc::Status& status) override;
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override { writer_.OnWriteDone(ok); }
  void OnDone(const grpc::Status& status) override;

  Listener& listener_;
  inference::v1::StreamGenerateResponse event_;
  StreamWriter<inference::v1::StreamGenerateRequest> writer_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_HOP_HOP_STREAM_H_
