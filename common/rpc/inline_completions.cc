// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/inline_completions.h"

#include <grpc/grpc.h>
#include <grpcpp/completion_queue.h>

#include <atomic>

namespace tessera {
namespace {

// gRPC has one for all servers and channels of the process. When the last of them goes, it goes
// too, and this address means nothing; gRPC only compares it with that of the queue that something
// has been completed on.
std::atomic<grpc_completion_queue*> g_queue = nullptr;

thread_local bool t_delivering = false;

}  // namespace

void StartWithInlineCompletions(absl::FunctionRef<void()> start) {
  grpc_completion_queue* const queue = g_queue.load(std::memory_order_relaxed);
  if (queue == nullptr || t_delivering) return start();
  t_delivering = true;
  // From here until it is taken out, the first completion on this thread is kept for it.
  grpc_completion_queue_thread_local_cache_init(queue);
  start();
  void* tag = nullptr;
  int ok = 0;
  while (grpc_completion_queue_thread_local_cache_flush(queue, &tag, &ok) != 0) {
    grpc_completion_queue_thread_local_cache_init(queue);
    auto* const completion = static_cast<grpc_completion_queue_functor*>(tag);
    completion->functor_run(completion, ok);
  }
  t_delivering = false;
}

void LearnCompletionQueue(const grpc::internal::Call& call) {
  grpc_completion_queue* const queue = call.cq()->cq();
  // Written once and read by every call.
  if (g_queue.load(std::memory_order_relaxed) != queue) {
    g_queue.store(queue, std::memory_order_relaxed);
  }
}

}  // namespace tessera
