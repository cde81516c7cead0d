// SPDX-License-Identifier: Apache-2.0
//
// Which blobs have been uploaded or pulled: their digests and sizes, not their bytes.
#ifndef TESSERA_SIMULATOR_BLOB_STORE_H_
#define TESSERA_SIMULATOR_BLOB_STORE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"

namespace tessera::simulator {

// Thread-safe. Digests are written "sha256:<64 hex>".
class BlobStore {
 public:
  bool Has(std::string_view digest) const {
    MutexLock lock(&mutex_);
    return sizes_.find(digest) != sizes_.end();
  }
  void Add(std::string_view digest, uint64_t bytes) {
    MutexLock lock(&mutex_);
    sizes_[std::string(digest)] = bytes;
  }
  uint64_t SizeOf(std::string_view digest) const {
    MutexLock lock(&mutex_);
    const auto found = sizes_.find(digest);
    return found == sizes_.end() ? 0 : found->second;
  }

  // Bytes of an interrupted download, kept as Ollama keeps its partial files.
  uint64_t PartialBytes(std::string_view digest) const {
    MutexLock lock(&mutex_);
    const auto found = partial_.find(digest);
    return found == partial_.end() ? 0 : found->second;
  }
  void SetPartialBytes(std::string_view digest, uint64_t bytes) {
    MutexLock lock(&mutex_);
    partial_[std::string(digest)] = bytes;
  }

 private:
  mutable Mutex mutex_;
  std::map<std::string, uint64_t, std::less<>> sizes_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, uint64_t, std::less<>> partial_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_BLOB_STORE_H_
