// SPDX-License-Identifier: Apache-2.0
//
// Picture preparation as asynchronous work on a bounded pool.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_WORKERS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_WORKERS_H_

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/cancellation.h"
#include "common/concurrency/worker_pool.h"
#include "services/preprocess/picture/picture_preparer.h"
#include "services/preprocess/preprocess_metrics.h"

namespace tessera::preprocess {

// Thread-safe.
class PictureWorkers {
 public:
  // `metrics` must outlive the object.
  PictureWorkers(std::unique_ptr<PicturePreparer> preparer, int threads, int max_queued,
                 PreprocessMetrics& metrics);

  // `queued` is the time that the picture waited for a worker.
  using Done = std::function<void(absl::StatusOr<PreparedPicture> picture, absl::Duration queued)>;

  // Prepares `file`, which must stay valid until `done` is called: exactly once, on a worker
  // thread, or inside this call when the picture is refused at once (QUEUE_FULL with RetryInfo,
  // DRAINING). `token` is polled while the picture is decoded.
  void Prepare(std::string_view file, const PictureOptions& options, CancellationToken token,
               Done done);

 private:
  absl::StatusOr<PreparedPicture> PrepareNow(std::string_view file, const PictureOptions& options,
                                             const CancellationToken& token) const;

  const std::unique_ptr<PicturePreparer> preparer_;
  PreprocessMetrics& metrics_;
  WorkerPool pool_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_WORKERS_H_
