// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture_workers.h"

#include <pthread.h>
#include <time.h>

#include <utility>

#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "services/preprocess/picture/header_peek.h"
#include "services/preprocess/picture/picture_errors.h"

namespace tessera::preprocess {
namespace {

// Processor time of the calling thread.
absl::Duration ThreadTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

bool WasAbandoned(const absl::Status& status) {
  return absl::IsCancelled(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

struct PictureWorkers::Task {
  std::string_view file;
  PictureOptions options;
  CancellationToken token;
  Done done;
  PictureCost cost;
};

PictureWorkers::PictureWorkers(std::unique_ptr<PicturePreparer> preparer,
                               const PictureScheduler::Options& options, PreprocessMetrics& metrics)
    : preparer_(std::move(preparer)),
      metrics_(metrics),
      memory_budget_bytes_(options.memory_budget_bytes),
      scheduler_(options) {
  for (int i = 0; i < options.workers; ++i) threads_.emplace_back([this] { Work(); });
}

PictureWorkers::~PictureWorkers() {
  scheduler_.Drain();
  for (std::thread& thread : threads_) thread.join();
}

void PictureWorkers::Work() {
  pthread_setname_np(pthread_self(), "picture");
  while (auto taken = scheduler_.Next()) {
    taken->run(taken->queued);
    taken->run = nullptr;
    scheduler_.Ended(taken->ticket);
  }
}

void PictureWorkers::Prepare(std::string_view file, const PictureOptions& options,
                             CancellationToken token, Done done) {
  if (absl::Status status = token.Check(); !status.ok()) return Refuse(status, done);
  if (file.size() > limits().max_file_bytes) {
    return Refuse(TooManyBytesError(file.size(), limits().max_file_bytes), done);
  }
  const absl::StatusOr<HeaderPeek> peek = PeekHeader(file);
  if (!peek.ok()) return Refuse(peek.status(), done);
  if (absl::Status status = CheckPeek(*peek, limits()); !status.ok()) return Refuse(status, done);
  auto task = std::make_shared<Task>(
      Task{file, options, std::move(token), done, Predict(*peek, file.size(), options)});
  if (absl::Status status = Submit(std::move(task)); !status.ok()) Refuse(status, done);
}

absl::Status PictureWorkers::Submit(std::shared_ptr<Task> task) {
  PictureScheduler::Job job{
      .cost = task->cost, .file_bytes = task->file.size(), .deadline = task->token.deadline()};
  job.run = [this, task = std::move(task)](absl::Duration queued) { Run(*task, queued); };
  return scheduler_.Submit(job);
}

void PictureWorkers::Refuse(const absl::Status& why, const Done& done) {
  metrics_.CountRefused(why);
  done(why, absl::ZeroDuration());
}

absl::StatusOr<PreparedPicture> PictureWorkers::PrepareNow(const Task& task) const {
  TESSERA_RETURN_IF_ERROR(task.token.Check());
  return preparer_->Prepare(task.file, task.options, [&task] { return task.token.Check(); });
}

void PictureWorkers::Run(Task& task, absl::Duration queued) {
  const absl::Time began = absl::Now();
  const absl::Duration work_before = ThreadTime();
  absl::StatusOr<PreparedPicture> picture = PrepareNow(task);
  const PictureEffort effort{.queued = queued,
                             .time = absl::Now() - began,
                             .work = ThreadTime() - work_before,
                             .predicted = task.cost};
  if (picture.ok()) {
    costs_.Learn(task.cost, effort.work, effort.time);
    metrics_.CountPrepared(*picture, effort);
  } else {
    metrics_.CountRefused(picture.status());
    if (WasAbandoned(picture.status())) metrics_.CountWasted(effort.work);
  }
  task.done(std::move(picture), queued);
}

absl::Status PictureWorkers::Consider(const HeaderPeek& peek, uint64_t file_bytes,
                                      const PictureOptions& options, absl::Time deadline) const {
  return scheduler_.Consider(Predict(peek, file_bytes, options), deadline);
}

PictureCost PictureWorkers::Predict(HeaderPeek peek, uint64_t file_bytes,
                                    const PictureOptions& options) const {
  // Either the decoder finds other sides than the first bytes claim, or it refuses them for less
  // than any picture costs.
  if (peek.Pixels() > limits().max_pixels) peek.width_px = peek.height_px = 0;
  return costs_.Predict(peek, file_bytes, options);
}

}  // namespace tessera::preprocess
