// SPDX-License-Identifier: Apache-2.0
//
// The simplest ChatDispatcher: one engine, no queue, no retries.
#ifndef TESSERA_TESTS_SUPPORT_DIRECT_DISPATCHER_H_
#define TESSERA_TESTS_SUPPORT_DIRECT_DISPATCHER_H_

#include <memory>

#include "common/concurrency/worker_pool.h"
#include "services/inference/scheduling/chat_dispatcher.h"
#include "tests/support/in_flight_limit.h"

namespace tessera::inference {

// Thread-safe. Starts every job at once, large ones on the pool, or refuses it: QUEUE_FULL.
class DirectDispatcher : public ChatDispatcher {
 public:
  // All must outlive the dispatcher and its jobs.
  DirectDispatcher(ModelEngine& engine, InFlightLimit& limit, WorkerPool& pool)
      : engine_(engine), limit_(limit), pool_(pool) {}

  std::shared_ptr<ChatHandle> Submit(ChatJob job,
                                     std::shared_ptr<DispatchObserver> observer) override;

 private:
  ModelEngine& engine_;
  InFlightLimit& limit_;
  WorkerPool& pool_;
};

}  // namespace tessera::inference

#endif  // TESSERA_TESTS_SUPPORT_DIRECT_DISPATCHER_H_
