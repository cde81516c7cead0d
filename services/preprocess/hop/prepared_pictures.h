// SPDX-License-Identifier: Apache-2.0
//
// The picture files of one request, prepared all at once, each into its place.
#ifndef TESSERA_SERVICES_PREPROCESS_HOP_PREPARED_PICTURES_H_
#define TESSERA_SERVICES_PREPROCESS_HOP_PREPARED_PICTURES_H_

#include <functional>
#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/cancellation.h"
#include "common/concurrency/mutex.h"
#include "services/preprocess/pending_work.h"
#include "services/preprocess/picture/picture_options.h"
#include "services/preprocess/picture_files.h"
#include "services/preprocess/picture_workers.h"

namespace tessera::preprocess {

// Thread-safe.
class PreparedPictures {
 public:
  explicit PreparedPictures(absl::Time deadline) : cancellation_(deadline) {}

  // `ready` is called exactly once, with the first error if there is one, when no worker uses
  // anything of it any more; perhaps before this returns. Call once. The places must stay.
  void Prepare(PictureWorkers& workers, std::vector<PictureFile> files,
               const PictureOptions& options, std::function<void(const absl::Status&)> ready);

  // `ready` follows soon.
  void Cancel() { cancellation_.Cancel(); }

  // By index; once `ready` has been called with OK.
  const std::map<int, inference::v1::ImageSummary>& summaries() const
      ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return summaries_;
  }

 private:
  void OnPrepared(const PictureFile& file, absl::StatusOr<PreparedPicture> picture,
                  absl::Duration queued);
  void EndPiece();

  CancellationSource cancellation_;
  PendingWork preparing_;
  std::vector<PictureFile> files_;
  std::function<void(const absl::Status&)> ready_;
  Mutex mutex_;
  std::map<int, inference::v1::ImageSummary> summaries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_HOP_PREPARED_PICTURES_H_
