// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_STREAM_STREAM_ITEMS_H_
#define TESSERA_SERVICES_PREPROCESS_STREAM_STREAM_ITEMS_H_

#include <tessera/preprocess/v1/preprocess_service.pb.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/concurrency/mutex.h"
#include "services/preprocess/picture/header_peek.h"
#include "services/preprocess/picture/picture_limits.h"
#include "services/preprocess/picture/picture_options.h"

namespace tessera::preprocess {

// After this many bytes of a picture in pieces its header decides whether the rest is wanted.
inline constexpr size_t kDecisionBytes = 64 << 10;

// The pictures of one stream that have no result yet, and the window that bounds them. Thread-safe;
// messages are taken by one thread at a time.
class StreamItems {
 public:
  struct Window {
    uint32_t max_items = 32;
    uint64_t max_bytes = 128ull << 20;
  };

  // Whether a picture of which `file_bytes` are announced and this much is known is worth its
  // body: OK, or the error that is its result.
  using Judge = std::function<absl::Status(const HeaderPeek& peek, uint64_t file_bytes,
                                           const PictureOptions& options)>;

  StreamItems(const Window& window, const PictureLimits& limits, Judge judge)
      : window_(window), limits_(limits), judge_(std::move(judge)) {}

  // What applies to pictures without options of their own. Call before the first item.
  absl::Status SetDefaults(const v1::StreamPreprocessStart& start);

  // What a message makes possible: a picture to prepare, or one that is refused already.
  struct Next {
    std::string id;
    absl::Status refusal;  // When not OK, the rest is not set.
    // Valid until Forget or Answered.
    std::string_view file;
    PictureOptions options;
  };

  // An error is the end of the stream: STREAM_WINDOW_EXCEEDED, FIELD_INVALID for a bad id,
  // REQUEST_MALFORMED.
  absl::StatusOr<std::optional<Next>> Take(v1::StreamPreprocessItem item);
  absl::StatusOr<std::optional<Next>> Take(v1::StreamPreprocessChunk chunk);

  // No more messages will come: the pictures of which pieces are missing, each refused.
  std::vector<Next> CutOff();

  // The picture was prepared: its file is no longer needed.
  void Forget(const std::string& id);
  // Its result was sent: its place in the window is free.
  void Answered(const std::string& id);

 private:
  struct Item {
    PictureOptions options;
    std::string file;
    uint64_t announced_bytes = 0;  // 0: not known.
    uint64_t counted_bytes = 0;    // In the window.
    bool judged = false;
    bool complete = false;  // All bytes have come, or it was refused.
  };

  absl::StatusOr<PictureOptions> OptionsOf(const v1::StreamPreprocessItem& item) const;
  absl::Status CountBytes(Item& item, uint64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status JudgeBody(Item& item) const;
  static Next Refuse(const std::string& id, Item& item, absl::Status why);
  static Next Complete(const std::string& id, Item& item);

  const Window window_;
  const PictureLimits limits_;
  const Judge judge_;
  PictureOptions defaults_;
  Mutex mutex_;
  std::map<std::string, Item> items_ ABSL_GUARDED_BY(mutex_);
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_STREAM_STREAM_ITEMS_H_
