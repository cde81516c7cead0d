// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/vips_evaluate.h"

namespace tessera::preprocess {
namespace {

struct Watch {
  CancelCheck cancelled;
  absl::Status status;
};

void OnProgress(VipsImage* image, VipsProgress*, void* user) {
  auto& watch = *static_cast<Watch*>(user);
  if (!watch.status.ok()) return;
  watch.status = watch.cancelled();
  if (!watch.status.ok()) vips_image_set_kill(image, TRUE);
}

}  // namespace

absl::StatusOr<vips::VImage> Evaluate(vips::VImage image, CancelCheck cancelled) {
  Watch watch{cancelled, cancelled()};
  if (!watch.status.ok()) return watch.status;
  // libvips 8.14 looks only at the kill flag of the very picture it is asked for rows of, and
  // reports progress on the picture where the signal was armed. A private copy of the last picture
  // is both, and leaves nothing armed behind.
  vips::VImage last = image.copy();
  vips_image_set_progress(last.get_image(), TRUE);
  g_signal_connect(last.get_image(), "eval", G_CALLBACK(OnProgress), &watch);
  size_t bytes = 0;
  void* samples = nullptr;
  try {
    samples = last.write_to_memory(&bytes);
  } catch (const vips::VError&) {
    if (!watch.status.ok()) return watch.status;
    throw;
  }
  if (!watch.status.ok()) {
    g_free(samples);
    return watch.status;
  }
  vips::VImage result = vips::VImage::new_from_memory_steal(
      samples, bytes, image.width(), image.height(), image.bands(), image.format());
  return result.copy(vips::VImage::option()->set("interpretation", image.interpretation()));
}

}  // namespace tessera::preprocess
