// SPDX-License-Identifier: Apache-2.0
//
// Pictures that crash a model are not shown to it again.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_POISON_LIST_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_POISON_LIST_H_

#include <atomic>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/scheduling/chat_job.h"

namespace tessera::inference {

// A picture with which a model's runner died twice is refused for that model for an hour. Where
// several pictures were shown together those that the model has seen before without harm are not
// suspected. Thread-safe; bounded: of suspects and harmless ones the longest unseen are forgotten.
class PoisonList {
 public:
  struct Options {
    int crashes = 2;
    absl::Duration refused_for = absl::Hours(1);
    size_t most_remembered = 8192;  // Of each kind.
  };
  PoisonList() : PoisonList(Options{}) {}
  explicit PoisonList(Options options) : options_(options) {}

  // INVALID_ARGUMENT, reason IMAGE_POISONED, naming the picture, when one is on the list.
  absl::Status Check(std::string_view model, const std::vector<JobPicture>& pictures,
                     absl::Time now) const;
  // The runner died with these pictures. Returns how many came onto the list.
  int OnCrash(std::string_view model, const std::vector<JobPicture>& pictures, absl::Time now);
  // The model answered about these pictures.
  void OnAnswer(std::string_view model, const std::vector<JobPicture>& pictures);

  size_t listed(absl::Time now) const;

 private:
  struct Suspect {
    int crashes = 0;
    absl::Time refused_until = absl::InfinitePast();
  };
  // Remembers values by key, the latest ones.
  template <typename Value>
  class Memory {
   public:
    Value* Find(const std::string& key);
    const Value* Peek(const std::string& key) const;
    Value& FindOrAdd(const std::string& key, size_t most);
    void Forget(const std::string& key);
    const std::list<std::pair<std::string, Value>>& entries() const { return order_; }

   private:
    std::list<std::pair<std::string, Value>> order_;  // Latest first.
    std::unordered_map<std::string, typename std::list<std::pair<std::string, Value>>::iterator>
        by_key_;
  };
  struct Nothing {};

  const Options options_;
  std::atomic<size_t> suspects_count_{0};  // Spares the lock while there are none.
  mutable Mutex mutex_;
  Memory<Suspect> suspects_ ABSL_GUARDED_BY(mutex_);
  Memory<Nothing> harmless_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_POISON_LIST_H_
