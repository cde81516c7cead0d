// SPDX-License-Identifier: Apache-2.0
//
// Keeps an idle process from answering late.
//
// Behind its callback API gRPC (1.51) waits for events on a few threads of its own, and each of
// them that has had none for 1,000 ms sleeps for 100 ms before it listens again. They tend to do
// that together, so a process that had nothing to do for a second answers about one request in
// eleven up to 100 ms late. A thread that hears of something every now and then never gets there.
#ifndef TESSERA_COMMON_RPC_AWAKE_POLLER_H_
#define TESSERA_COMMON_RPC_AWAKE_POLLER_H_

#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"

namespace tessera {

// While it lives, one of the threads on which gRPC delivers events of the callback API, for all
// servers and channels of the process, is listening. Costs three calls a second that fail before
// they leave the process. One to a process is enough; more do no harm.
class AwakePoller {
 public:
  AwakePoller();
  ~AwakePoller();
  AwakePoller(const AwakePoller&) = delete;
  AwakePoller& operator=(const AwakePoller&) = delete;

 private:
  struct Call;

  void Run();
  void Beat() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  grpc::GenericStub nowhere_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool calling_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<Call> call_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_AWAKE_POLLER_H_
