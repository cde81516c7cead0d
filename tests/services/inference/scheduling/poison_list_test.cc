// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/poison_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using testing::IsError;
using testing::IsOk;

const absl::Time kStart = absl::FromUnixSeconds(1'000);
const std::vector<JobPicture> kBad{{.digest = "bad"}};
const std::vector<JobPicture> kGood{{.digest = "good"}};
const std::vector<JobPicture> kBoth{{.digest = "good"}, {.digest = "bad"}};

auto IsPoisoned() { return IsError(absl::StatusCode::kInvalidArgument, "IMAGE_POISONED"); }

TEST(PoisonListTest, APictureIsRefusedForAnHourAfterTwoCrashes) {
  PoisonList list;
  EXPECT_EQ(list.OnCrash("m", kBad, kStart), 0);
  EXPECT_THAT(list.Check("m", kBad, kStart), IsOk());
  EXPECT_EQ(list.OnCrash("m", kBad, kStart), 1);
  EXPECT_THAT(list.Check("m", kBad, kStart), IsPoisoned());
  EXPECT_THAT(list.Check("m", kBoth, kStart), IsPoisoned());
  EXPECT_EQ(MetadataOf(list.Check("m", kBoth, kStart), "image"), "1");
  EXPECT_EQ(list.listed(kStart), 1U);
  const absl::Time later = kStart + absl::Hours(1);
  EXPECT_THAT(list.Check("m", kBad, later), IsOk());
  EXPECT_EQ(list.listed(later), 0U);
  // It starts anew.
  EXPECT_EQ(list.OnCrash("m", kBad, later), 0);
  EXPECT_THAT(list.Check("m", kBad, later), IsOk());
}

TEST(PoisonListTest, OtherModelsAndOtherPicturesAreNotConcerned) {
  PoisonList list;
  for (int i = 0; i < 2; ++i) list.OnCrash("m", kBad, kStart);
  EXPECT_THAT(list.Check("other", kBad, kStart), IsOk());
  EXPECT_THAT(list.Check("m", kGood, kStart), IsOk());
  EXPECT_THAT(list.Check("m", {}, kStart), IsOk());
}

TEST(PoisonListTest, WhatTheModelHasSeenWithoutHarmIsNotSuspectedWithOthers) {
  PoisonList list;
  list.OnAnswer("m", kGood);
  for (int i = 0; i < 2; ++i) list.OnCrash("m", kBoth, kStart);
  EXPECT_THAT(list.Check("m", kGood, kStart), IsOk());
  EXPECT_THAT(list.Check("m", kBad, kStart), IsPoisoned());
}

TEST(PoisonListTest, AnAnswerClearsAPicture) {
  PoisonList list;
  list.OnCrash("m", kBad, kStart);
  list.OnAnswer("m", kBad);
  EXPECT_EQ(list.OnCrash("m", kBad, kStart), 0);
}

TEST(PoisonListTest, RemembersABoundedNumber) {
  PoisonList list({.most_remembered = 10});
  for (int i = 0; i < 100; ++i) {
    const std::vector<JobPicture> picture{{.digest = std::to_string(i)}};
    for (int crash = 0; crash < 2; ++crash) list.OnCrash("m", picture, kStart);
  }
  EXPECT_EQ(list.listed(kStart), 10U);
  EXPECT_THAT(list.Check("m", {{.digest = "99"}}, kStart), IsPoisoned());
  EXPECT_THAT(list.Check("m", {{.digest = "0"}}, kStart), IsOk());
}

}  // namespace
}  // namespace tessera::inference
