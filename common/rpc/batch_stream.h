// SPDX-License-Identifier: Apache-2.0
//
// The serving side of a batch: a stream of independent items in, their results out in the order in
// which they are ready. The server says at the start how many items may be unanswered; a caller who
// sends faster than that is cut off, one who sends more bytes than that waits. An item that fails
// fails alone.
#ifndef TESSERA_COMMON_RPC_BATCH_STREAM_H_
#define TESSERA_COMMON_RPC_BATCH_STREAM_H_

#include <fmt/format.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/request_id.h"
#include "common/rpc/stream_writer.h"
#include "common/status/error.h"

namespace tessera {

struct BatchLimits {
  uint32_t max_items = 32;                        // Unanswered.
  uint64_t max_bytes = uint64_t{64} << 20;        // Of them together; the last one may exceed it.
  size_t max_unsent_bytes = size_t{8} << 20;      // Results not read; more items are not read then.
  uint32_t max_starting = uint32_t{0xffff'ffff};  // Items begun that have not said `started`.
};

// `Request` has an id; `Response` has an id, and a result that is a `window` (max_items,
// max_bytes), an `error` (google.rpc.Status), or what the item asked for. Owned by gRPC: deletes
// itself when the call is over.
template <typename Request, typename Response>
class BatchStream : public grpc::ServerBidiReactor<Request, Response>,
                    private StreamWriter<Response>::Stream {
 public:
  struct Item {
    Request request;
    // The item takes nothing any more that max_starting bounds. At most once, before `done`.
    std::function<void()> started;
    // Exactly once, on any thread, perhaps before Start has returned. The response lacks its id.
    std::function<void(absl::StatusOr<Response>)> done;
  };
  // Begins an item; what it returns ends the item early: `done` still follows, soon. May be called
  // after `done`.
  using Cancel = std::function<void()>;
  using Start = std::function<Cancel(Item item)>;

  BatchStream(grpc::CallbackServerContext* rpc, const BatchLimits& limits, Start start)
      : rpc_(rpc),
        limits_(limits),
        start_(std::move(start)),
        deadline_(CallDeadline(*rpc, absl::InfiniteDuration())),
        writer_(*this, std::numeric_limits<size_t>::max()) {
    Response window;
    window.mutable_window()->set_max_items(limits.max_items);
    window.mutable_window()->set_max_bytes(limits.max_bytes);
    Send(std::move(window));
    this->StartRead(&request_);
  }

 private:
  struct Unanswered {
    size_t bytes = 0;
    bool starting = true;
    Cancel cancel;
  };

  void OnReadDone(bool ok) override {
    if (!ok) {
      if (rpc_->IsCancelled()) Fail(AbandonedError(deadline_));
      return StopReading();
    }
    std::string id = request_.id();
    const absl::Status status = Admit(id, request_.ByteSizeLong());
    if (!status.ok()) {
      Fail(status);
      return StopReading();
    }
    Begin(id);
    {
      MutexLock lock(&mutex_);
      reading_ = false;
    }
    ReadIfThereIsRoom();
  }

  absl::Status Admit(const std::string& id, size_t bytes) {
    MutexLock lock(&mutex_);
    if (failure_) return *failure_;
    if (unanswered_.size() >= limits_.max_items) {
      return MakeError(absl::StatusCode::kInvalidArgument, "BATCH_WINDOW_EXCEEDED",
                       fmt::format("{} items are unanswered, and at most {} may be",
                                   unanswered_.size() + 1, limits_.max_items),
                       {.metadata = {{"maxItems", std::to_string(limits_.max_items)}}});
    }
    if (id.empty()) return InvalidField("id", "is required");
    if (!unanswered_.try_emplace(id, Unanswered{.bytes = bytes}).second) {
      return InvalidField("id", "is that of another item, which has no result yet");
    }
    unanswered_bytes_ += bytes;
    ++starting_;
    return absl::OkStatus();
  }

  void Begin(const std::string& id) {
    Item item{
        .request = std::exchange(request_, {}),
        .started = [this, id] { OnStarted(id); },
        .done = [this, id](absl::StatusOr<Response> result) { OnItemDone(id, std::move(result)); }};
    if (!RequestIdOr(id).ok()) {
      return item.done(
          InvalidField("id", "must be 1 to 64 characters of letters, digits, '.', '_' and '-'"));
    }
    Cancel cancel = start_(std::move(item));
    {
      MutexLock lock(&mutex_);
      const auto found = unanswered_.find(id);
      if (found == unanswered_.end()) return;
      found->second.cancel = cancel;
      if (!failure_) return;
    }
    cancel();
  }

  void OnStarted(const std::string& id) {
    {
      MutexLock lock(&mutex_);
      const auto found = unanswered_.find(id);
      if (found == unanswered_.end() || !std::exchange(found->second.starting, false)) return;
      --starting_;
    }
    ReadIfThereIsRoom();
  }

  void OnItemDone(const std::string& id, absl::StatusOr<Response> result) {
    bool wanted = false;
    {
      MutexLock lock(&mutex_);
      const auto found = unanswered_.find(id);
      unanswered_bytes_ -= found->second.bytes;
      if (found->second.starting) --starting_;
      // Before the caller can know, who may send the next item at once, and under the same id.
      unanswered_.erase(found);
      ++answering_;
      wanted = !failure_;
    }
    if (wanted) Send(ResponseOf(id, std::move(result)));
    ReadIfThereIsRoom();
    {
      MutexLock lock(&mutex_);
      --answering_;
    }
    EndIfAllIsDone();
  }

  static Response ResponseOf(const std::string& id, absl::StatusOr<Response> result) {
    Response response;
    if (result.ok()) {
      response = *std::move(result);
    } else {
      const grpc::Status error = ToGrpcStatus(result.status());
      response.mutable_error()->ParseFromString(error.error_details());
    }
    response.set_id(id);
    return response;
  }

  void Send(Response response) {
    {
      MutexLock lock(&mutex_);
      unsent_bytes_ += response.ByteSizeLong();
    }
    // Only a full queue is an error, and this one is never full: what it holds is bounded by the
    // window, and by what is read while it holds much.
    writer_.Push(std::move(response)).IgnoreError();
  }

  void ReadIfThereIsRoom() {
    {
      MutexLock lock(&mutex_);
      const bool room = unanswered_bytes_ < limits_.max_bytes &&
                        unsent_bytes_ < limits_.max_unsent_bytes &&
                        starting_ < limits_.max_starting;
      if (reading_ || reads_over_ || !(room || failure_)) return;
      reading_ = true;
    }
    this->StartRead(&request_);
  }

  void StopReading() {
    {
      MutexLock lock(&mutex_);
      reading_ = false;
      reads_over_ = true;
    }
    EndIfAllIsDone();
  }

  // The first failure counts. Everything that is still at work is told to end.
  void Fail(const absl::Status& failure) {
    std::vector<Cancel> cancels;
    {
      MutexLock lock(&mutex_);
      if (failure_) return;
      failure_ = failure;
      for (const auto& [id, item] : unanswered_) {
        if (item.cancel) cancels.push_back(item.cancel);
      }
    }
    for (const Cancel& cancel : cancels) cancel();
  }

  // The stream may be gone, and this with it, when it returns.
  void EndIfAllIsDone() {
    absl::Status status;
    {
      MutexLock lock(&mutex_);
      if (!reads_over_ || !unanswered_.empty() || answering_ > 0 || ended_) return;
      ended_ = true;
      if (failure_) status = FailedCall(*failure_, request_id_);
    }
    writer_.Finish(ToGrpcStatus(status));
  }

  void OnCancel() override {
    Fail(AbandonedError(deadline_));
    // A read that waits for room would never end.
    ReadIfThereIsRoom();
  }

  void Write(const Response* response) override {
    writing_bytes_ = response->ByteSizeLong();
    this->StartWrite(response);
  }
  void End(const grpc::Status& status) override { this->Finish(status); }

  void OnWriteDone(bool ok) override {
    {
      MutexLock lock(&mutex_);
      unsent_bytes_ = ok ? unsent_bytes_ - std::min(unsent_bytes_, writing_bytes_) : 0;
    }
    if (ok) ReadIfThereIsRoom();
    writer_.OnWriteDone(ok);
  }

  void OnDone() override { delete this; }

  grpc::CallbackServerContext* const rpc_;
  const BatchLimits limits_;
  const Start start_;
  const absl::Time deadline_;
  const std::string request_id_ = MakeRequestId();
  StreamWriter<Response> writer_;
  Request request_;           // Of the read in progress.
  size_t writing_bytes_ = 0;  // Of the write in progress.

  Mutex mutex_;
  std::map<std::string, Unanswered> unanswered_ ABSL_GUARDED_BY(mutex_);
  uint64_t unanswered_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t starting_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t unsent_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int answering_ ABSL_GUARDED_BY(mutex_) = 0;  // Results on their way to the writer.
  bool reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool reads_over_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_BATCH_STREAM_H_
