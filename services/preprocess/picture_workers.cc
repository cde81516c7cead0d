// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture_workers.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace tessera::preprocess {

PictureWorkers::PictureWorkers(std::unique_ptr<PicturePreparer> preparer, int threads,
                               int max_queued, PreprocessMetrics& metrics)
    : preparer_(std::move(preparer)),
      metrics_(metrics),
      pool_({.threads = threads, .max_queued = max_queued, .name = "picture"}) {}

absl::StatusOr<PreparedPicture> PictureWorkers::PrepareNow(std::string_view file,
                                                           const PictureOptions& options,
                                                           const CancellationToken& token) const {
  TESSERA_RETURN_IF_ERROR(token.Check());
  return preparer_->Prepare(file, options, [&token] { return token.Check(); });
}

void PictureWorkers::Prepare(std::string_view file, const PictureOptions& options,
                             CancellationToken token, Done done) {
  const absl::Time submitted = absl::Now();
  auto task = [this, file, options, token = std::move(token), done, submitted] {
    const absl::Time started = absl::Now();
    metrics_.queued().Decrement();
    metrics_.running().Increment();
    absl::StatusOr<PreparedPicture> picture = PrepareNow(file, options, token);
    const absl::Duration queued = started - submitted;
    if (picture.ok()) {
      metrics_.CountPrepared(*picture, queued, absl::Now() - started);
    } else {
      metrics_.CountRefused(picture.status());
    }
    metrics_.running().Decrement();
    done(std::move(picture), queued);
  };
  metrics_.queued().Increment();
  if (absl::Status refused = pool_.TrySubmit(std::move(task)); !refused.ok()) {
    metrics_.queued().Decrement();
    metrics_.CountRefused(refused);
    done(std::move(refused), absl::ZeroDuration());
  }
}

}  // namespace tessera::preprocess
