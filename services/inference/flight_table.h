// SPDX-License-Identifier: Apache-2.0
//
// The flights that others can join, by what they ask.
#ifndef TESSERA_SERVICES_INFERENCE_FLIGHT_TABLE_H_
#define TESSERA_SERVICES_INFERENCE_FLIGHT_TABLE_H_

#include <memory>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"
#include "services/inference/cache/cache_key.h"

namespace tessera::inference {

class Flight;

// Thread-safe.
class FlightTable {
 public:
  // nullptr when there is none.
  std::shared_ptr<Flight> Find(const CacheKey& key) const;

  // Puts `flight`, which has a key, in the place of `expected`, which is what Find returned. False,
  // and nothing has changed, when by now another stands there.
  bool Replace(const std::shared_ptr<Flight>& expected, std::shared_ptr<Flight> flight);

  // Takes the flight out, unless another has its place.
  void Remove(const Flight& flight);

 private:
  mutable Mutex mutex_;
  std::unordered_map<CacheKey, std::shared_ptr<Flight>, CacheKeyHash> flights_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_FLIGHT_TABLE_H_
