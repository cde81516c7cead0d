// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture_workers.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/concurrency/cancellation.h"
#include "common/concurrency/notification.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"
#include "tests/support/status_matchers.h"

namespace tessera::preprocess {
namespace {

using testing::IsOk;

// Sum over all series of a counter or of a histogram's samples.
double Total(const prometheus::Registry& registry, const std::string& name) {
  double total = 0;
  for (const auto& family : registry.Collect()) {
    if (family.name != name) continue;
    for (const auto& metric : family.metric) {
      total += metric.counter.value + static_cast<double>(metric.histogram.sample_count);
    }
  }
  return total;
}

class PictureWorkersTest : public ::testing::Test {
 protected:
  PictureWorkersTest()
      : metrics_(registry_),
        workers_(PicturePreparer::Make(PictureLimits{}).value(), {.workers = 1}, metrics_) {}

  absl::Status Prepare(const std::string& file, const CancellationToken& token) {
    Notification done;
    absl::Status status;
    workers_.Prepare(file, {}, token, [&](absl::StatusOr<PreparedPicture> picture, absl::Duration) {
      status = picture.status();
      done.Notify();
    });
    done.Wait();
    return status;
  }

  prometheus::Registry registry_;
  PreprocessMetrics metrics_;
  PictureWorkers workers_;
};

TEST_F(PictureWorkersTest, CountsWhatAPictureTookAndWhatWasPredicted) {
  CancellationSource source(absl::InfiniteFuture());
  ASSERT_THAT(Prepare(testing::EncodeJpeg(testing::DrawGradient(640, 480)), source.token()),
              IsOk());
  EXPECT_EQ(Total(registry_, "tessera_preprocess_picture_seconds"), 1);
  EXPECT_EQ(Total(registry_, "tessera_preprocess_cost_ratio"), 1);
  EXPECT_EQ(Total(registry_, "tessera_preprocess_plan_total"), 1);
  EXPECT_EQ(Total(registry_, "tessera_preprocess_input_pixels_total"), 640 * 480);
  EXPECT_GT(Total(registry_, "tessera_preprocess_predicted_seconds_total"), 0);
  EXPECT_GT(Total(registry_, "tessera_preprocess_work_seconds_total"), 0);
  EXPECT_EQ(Total(registry_, "tessera_preprocess_wasted_seconds_total"), 0);
}

TEST_F(PictureWorkersTest, ProcessorTimeForACallerWhoLeftIsCountedAsWasted) {
  const std::string slow = testing::EncodePng(testing::DrawGradient(6000, 4000));
  CancellationSource source(absl::Now() + absl::Seconds(60));
  Notification done;
  absl::Status status;
  workers_.Prepare(slow, {}, source.token(),
                   [&](absl::StatusOr<PreparedPicture> picture, absl::Duration) {
                     status = picture.status();
                     done.Notify();
                   });
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (workers_.load().running[0] + workers_.load().running[1] == 0 && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  source.Cancel();
  done.Wait();
  EXPECT_FALSE(status.ok());
  EXPECT_GT(Total(registry_, "tessera_preprocess_wasted_seconds_total"), 0);
  EXPECT_EQ(Total(registry_, "tessera_preprocess_refused_total"), 1);
}

}  // namespace
}  // namespace tessera::preprocess
