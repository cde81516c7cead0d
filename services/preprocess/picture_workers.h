// SPDX-License-Identifier: Apache-2.0
//
// Picture preparation as asynchronous work: admitted by its predicted cost, done by a fixed number
// of threads.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_WORKERS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_WORKERS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/cancellation.h"
#include "services/preprocess/admission/picture_cost.h"
#include "services/preprocess/admission/picture_scheduler.h"
#include "services/preprocess/picture/picture_preparer.h"
#include "services/preprocess/preprocess_metrics.h"

namespace tessera::preprocess {

// Thread-safe.
class PictureWorkers {
 public:
  // `metrics` must outlive the object.
  PictureWorkers(std::unique_ptr<PicturePreparer> preparer,
                 const PictureScheduler::Options& options, PreprocessMetrics& metrics);
  // Finishes what was accepted.
  ~PictureWorkers();
  PictureWorkers(const PictureWorkers&) = delete;
  PictureWorkers& operator=(const PictureWorkers&) = delete;

  // `queued` is the time that the picture waited for a worker.
  using Done = std::function<void(absl::StatusOr<PreparedPicture> picture, absl::Duration queued)>;

  // Prepares `file`, which must stay valid until `done` is called: exactly once, on a worker
  // thread, or inside this call when the picture is refused at once: for what its first bytes say,
  // or with QUEUE_FULL, DEADLINE_UNMEETABLE (both with a RetryInfo that holds if nobody else comes)
  // or DRAINING. `token` is polled while the picture is decoded, and its deadline counts.
  void Prepare(std::string_view file, const PictureOptions& options, CancellationToken token,
               Done done);

  // Whether a picture of this cost would be ready before `deadline` if it came now: OK or
  // DEADLINE_UNMEETABLE.
  absl::Status Consider(const HeaderPeek& peek, uint64_t file_bytes, const PictureOptions& options,
                        absl::Time deadline) const;

  const PictureLimits& limits() const { return preparer_->limits(); }
  PictureScheduler::Load load() const { return scheduler_.load(); }
  uint64_t memory_budget_bytes() const { return memory_budget_bytes_; }

 private:
  struct Task;

  void Work();
  absl::Status Submit(std::shared_ptr<Task> task);
  void Run(Task& task, absl::Duration queued);
  absl::StatusOr<PreparedPicture> PrepareNow(const Task& task) const;
  PictureCost Predict(HeaderPeek peek, uint64_t file_bytes, const PictureOptions& options) const;
  void Refuse(const absl::Status& why, const Done& done);

  const std::unique_ptr<PicturePreparer> preparer_;
  PreprocessMetrics& metrics_;
  const uint64_t memory_budget_bytes_;
  CostModel costs_;
  PictureScheduler scheduler_;
  std::vector<std::thread> threads_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_WORKERS_H_
