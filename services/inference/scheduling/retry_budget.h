// SPDX-License-Identifier: Apache-2.0
//
// Keeps retries a small share of all requests, so that they do not finish off what is failing.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_RETRY_BUDGET_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_RETRY_BUDGET_H_

#include <atomic>
#include <cstdint>

namespace tessera::inference {

// Every request earns a fifth of a retry; some are saved up for a bad moment. Thread-safe.
class RetryBudget {
 public:
  void OnRequest() {
    int64_t left = left_.load(std::memory_order_relaxed);
    while (left < kMost && !left_.compare_exchange_weak(left, left + kEarned)) {
    }
  }

  // Whether a retry may be made, which it then is.
  bool TryRetry() {
    int64_t left = left_.load(std::memory_order_relaxed);
    while (left >= kRetry) {
      if (left_.compare_exchange_weak(left, left - kRetry)) return true;
    }
    return false;
  }

 private:
  static constexpr int64_t kEarned = 1;
  static constexpr int64_t kRetry = 5;
  static constexpr int64_t kMost = 100 * kRetry;

  std::atomic<int64_t> left_{10 * kRetry};
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_RETRY_BUDGET_H_
