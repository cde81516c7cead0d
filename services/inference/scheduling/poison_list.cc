// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/poison_list.h"

#include <fmt/format.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "common/status/error.h"

namespace tessera::inference {
namespace {

std::string KeyOf(std::string_view model, const JobPicture& picture) {
  std::string key(model);
  key += '\0';
  key += picture.digest;
  return key;
}

}  // namespace

template <typename Value>
Value* PoisonList::Memory<Value>::Find(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return &found->second->second;
}

template <typename Value>
const Value* PoisonList::Memory<Value>::Peek(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &found->second->second;
}

template <typename Value>
Value& PoisonList::Memory<Value>::FindOrAdd(const std::string& key, size_t most) {
  if (Value* known = Find(key)) return *known;
  if (order_.size() >= most) Forget(std::string(order_.back().first));
  order_.emplace_front(key, Value{});
  by_key_[key] = order_.begin();
  return order_.front().second;
}

template <typename Value>
void PoisonList::Memory<Value>::Forget(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  order_.erase(found->second);
  by_key_.erase(found);
}

absl::Status PoisonList::Check(std::string_view model, const std::vector<JobPicture>& pictures,
                               absl::Time now) const {
  if (pictures.empty() || suspects_count_.load(std::memory_order_relaxed) == 0) {
    return absl::OkStatus();
  }
  MutexLock lock(&mutex_);
  for (size_t i = 0; i < pictures.size(); ++i) {
    const Suspect* suspect = suspects_.Peek(KeyOf(model, pictures[i]));
    if (suspect == nullptr || now >= suspect->refused_until) continue;
    return MakeError(
        absl::StatusCode::kInvalidArgument, "IMAGE_POISONED",
        fmt::format("the picture {} of the request crashed the model {} {} times; it is refused "
                    "for another {} s",
                    i, model, suspect->crashes,
                    absl::ToInt64Seconds(suspect->refused_until - now) + 1),
        {.metadata = {{"image", std::to_string(i)},
                      {"digest", absl::BytesToHexString(pictures[i].digest)},
                      {"crashes", std::to_string(suspect->crashes)}}});
  }
  return absl::OkStatus();
}

int PoisonList::OnCrash(std::string_view model, const std::vector<JobPicture>& pictures,
                        absl::Time now) {
  if (pictures.empty()) return 0;
  int listed = 0;
  MutexLock lock(&mutex_);
  for (const JobPicture& picture : pictures) {
    const std::string key = KeyOf(model, picture);
    if (pictures.size() > 1 && harmless_.Peek(key) != nullptr) continue;
    Suspect& suspect = suspects_.FindOrAdd(key, options_.most_remembered);
    // After its hour a picture starts anew.
    if (suspect.crashes >= options_.crashes && now >= suspect.refused_until) suspect.crashes = 0;
    if (++suspect.crashes < options_.crashes) continue;
    suspect.refused_until = now + options_.refused_for;
    ++listed;
  }
  suspects_count_.store(suspects_.entries().size(), std::memory_order_relaxed);
  return listed;
}

void PoisonList::OnAnswer(std::string_view model, const std::vector<JobPicture>& pictures) {
  if (pictures.empty()) return;
  MutexLock lock(&mutex_);
  for (const JobPicture& picture : pictures) {
    const std::string key = KeyOf(model, picture);
    harmless_.FindOrAdd(key, options_.most_remembered);
    suspects_.Forget(key);
  }
  suspects_count_.store(suspects_.entries().size(), std::memory_order_relaxed);
}

size_t PoisonList::listed(absl::Time now) const {
  if (suspects_count_.load(std::memory_order_relaxed) == 0) return 0;
  MutexLock lock(&mutex_);
  size_t count = 0;
  for (const auto& [key, suspect] : suspects_.entries()) count += now < suspect.refused_until;
  return count;
}

}  // namespace tessera::inference
