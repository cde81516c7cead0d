// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.

// Says yes `questions` times, then that the deadline has passed.
class CancelAfter {
 public:
  explicit CancelAfter(int questions) : left_(questions) {}

  absl::Status Ask() {
    if (left_-- > 0) return absl::OkStatus();
    if (cancelled_at_ == absl::InfinitePast()) cancelled_at_ = absl::Now();
    return absl::DeadlineExceededError("the caller's deadline has passed");
  }

  absl::Time cancelled_at() const { return cancelled_at_; }
  int asked_after() const { return -left_; }

 private:
  int left_;
  absl::Time cancelled_at_ = absl::InfinitePast();
};

const std::string& LargePng() {
  static const auto& file = *new std::string(EncodePng(DrawPhoto(4000, 3000)));
  return file;
}

TEST(CancelTest, AStatusOfTheCallerComesBackUnchanged) {
  CancelAfter cancel(0);
  const auto prepared = Preparer().Prepare(LargePng(), {}, [&] { return cancel.Ask(); });
  EXPECT_EQ(prepared.status(), absl::DeadlineExceededError("the caller's deadline has passed"));
}

TEST(CancelTest, IsHeardWhileRowsAreDecoded) {
  int questions = 0;
  const absl::Time start = absl::Now();
  ASSERT_TRUE(
      Preparer().Prepare(LargePng(), {}, [&] { return ++questions, absl::OkStatus(); }).ok());
  const absl::Duration whole = absl::Now() - start;
  EXPECT_GT(questions, 30);

  for (double share : {0.3, 0.5, 0.8}) {
    CancelAfter cancel(static_cast<int>(questions * share));
    const auto prepared = Preparer().Prepare(LargePng(), {}, [&] { return cancel.Ask(); });
    ASSERT_EQ(prepared.status().code(), absl::StatusCode::kDeadlineExceeded);
    EXPECT_LT(absl::Now() - cancel.cancelled_at(), whole / 2 + absl::Milliseconds(100)) << share;
  }
}

TEST(CancelTest, IsHeardAfterEveryRowOfBlocksOfAJpeg) {
  const Drawing drawing = DrawGradient(4000, 3000);
  for (const bool progressive : {false, true}) {
    const std::string file = EncodeJpeg(drawing, {.progressive = progressive});
    int questions = 0;
    ASSERT_TRUE(Preparer().Prepare(file, {}, [&] { return ++questions, absl::OkStatus(); }).ok());
    EXPECT_GE(questions, 3000 / 16) << progressive;
    for (double share : {0.2, 0.6, 0.9}) {
      CancelAfter cancel(static_cast<int>(questions * share));
      const auto prepared = Preparer().Prepare(file, {}, [&] { return cancel.Ask(); });
      ASSERT_EQ(prepared.status().code(), absl::StatusCode::kDeadlineExceeded);
      EXPECT_EQ(cancel.asked_after(), 1) << "it was told once, and went on";
    }
  }
}

TEST(CancelTest, TheNextPictureIsUnharmed) {
  CancelAfter cancel(20);
  EXPECT_FALSE(Preparer().Prepare(LargePng(), {}, [&] { return cancel.Ask(); }).ok());
  EXPECT_TRUE(Prepare(LargePng()).ok());
}

}  // namespace
}  // namespace tessera::preprocess
