// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/hop/hop_stream.h"

#include <limits>
#include <utility>

namespace tessera::preprocess {

// What is queued here is bounded by the pictures of one request, which were bounded before.
HopStream::HopStream(Listener& listener)
    : listener_(listener), writer_(*this, std::numeric_limits<size_t>::max()) {}

HopStream* HopStream::Open(InferenceClient& client, grpc::ClientContext* context,
                           Listener& listener) {
  auto* self = new HopStream(listener);
  client.async().StreamGenerate(context, self);
  // Messages are sent from threads that are not in one of this reactor's reactions; the hold keeps
  // the call open until the last of them.
  self->AddHold();
  self->StartRead(&self->event_);
  self->StartCall();
  return self;
}

void HopStream::Send(inference::v1::StreamGenerateRequest message) {
  // Only a full queue is an error, and this one is never full.
  writer_.Push(std::move(message)).IgnoreError();
}

void HopStream::SendEnd() { writer_.Finish(grpc::Status::OK); }

void HopStream::End(const grpc::Status&) {
  StartWritesDone();
  RemoveHold();
}

void HopStream::OnReadDone(bool ok) {
  if (!ok) {
    listener_.OnHopClosed();
    return;
  }
  listener_.OnHopEvent(std::exchange(event_, {}));
  StartRead(&event_);
}

void HopStream::OnDone(const grpc::Status& status) {
  listener_.OnHopEnd(StatusFromHop(status));
  delete this;
}

}  // namespace tessera::preprocess
