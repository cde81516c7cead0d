// SPDX-License-Identifier: Apache-2.0
#include "services/inference/flight_table.h"

#include <utility>

#include "services/inference/flight.h"

namespace tessera::inference {

std::shared_ptr<Flight> FlightTable::Find(const CacheKey& key) const {
  MutexLock lock(&mutex_);
  const auto found = flights_.find(key);
  return found == flights_.end() ? nullptr : found->second;
}

bool FlightTable::Replace(const std::shared_ptr<Flight>& expected, std::shared_ptr<Flight> flight) {
  // What is replaced must not end under the lock.
  std::shared_ptr<Flight> replaced;
  const CacheKey key = *flight->key();
  MutexLock lock(&mutex_);
  std::shared_ptr<Flight>& place = flights_[key];
  if (place != expected) {
    if (place == nullptr) flights_.erase(key);
    return false;
  }
  replaced = std::exchange(place, std::move(flight));
  return true;
}

void FlightTable::Remove(const Flight& flight) {
  std::shared_ptr<Flight> removed;
  MutexLock lock(&mutex_);
  const auto found = flights_.find(*flight.key());
  if (found == flights_.end() || found->second.get() != &flight) return;
  removed = std::move(found->second);
  flights_.erase(found);
}

}  // namespace tessera::inference
