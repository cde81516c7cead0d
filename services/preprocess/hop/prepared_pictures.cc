// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/hop/prepared_pictures.h"

#include <string>
#include <utility>

#include "common/status/error.h"
#include "services/preprocess/picture_messages.h"

namespace tessera::preprocess {

void PreparedPictures::Prepare(PictureWorkers& workers, std::vector<PictureFile> files,
                               const PictureOptions& options,
                               std::function<void(const absl::Status&)> ready) {
  files_ = std::move(files);
  ready_ = std::move(ready);
  for (const PictureFile& file : files_) {
    preparing_.Begin();
    workers.Prepare(file.content, options, cancellation_.token(),
                    [this, &file](absl::StatusOr<PreparedPicture> picture, absl::Duration queued) {
                      OnPrepared(file, std::move(picture), queued);
                    });
  }
  EndPiece();
}

void PreparedPictures::EndPiece() {
  if (!preparing_.End()) return;
  // What it holds may be the last that keeps this.
  const auto ready = std::exchange(ready_, nullptr);
  ready(preparing_.error());
}

void PreparedPictures::OnPrepared(const PictureFile& file, absl::StatusOr<PreparedPicture> picture,
                                  absl::Duration queued) {
  if (picture.ok()) {
    image::v1::PreparedImage image = ToMessage(*std::move(picture), queued);
    MutexLock lock(&mutex_);
    summaries_[file.index] = Summarise(image, file.index);
    *file.place->mutable_prepared() = std::move(image);
  } else if (preparing_.Fail(
                 WithMetadata(picture.status(), "imageIndex", std::to_string(file.index)))) {
    cancellation_.Cancel();
  }
  EndPiece();
}

}  // namespace tessera::preprocess
