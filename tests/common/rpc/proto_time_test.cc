// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/proto_time.h"

#include <gtest/gtest.h>

namespace tessera {
namespace {

TEST(ProtoTimeTest, GoesThereAndBack) {
  for (const absl::Duration duration :
       {absl::ZeroDuration(), absl::Nanoseconds(1), absl::Milliseconds(1500), absl::Hours(24),
        -absl::Milliseconds(1500)}) {
    EXPECT_EQ(FromProto(ToProto(duration)), duration);
  }
}

TEST(ProtoTimeTest, GivesBothFieldsTheSameSign) {
  const auto proto = ToProto(-absl::Milliseconds(1500));
  EXPECT_EQ(proto.seconds(), -1);
  EXPECT_EQ(proto.nanos(), -500'000'000);
}

TEST(ProtoTimeTest, EndlessIsTheLongestThatTheMessageHolds) {
  EXPECT_EQ(ToProto(absl::InfiniteDuration()).seconds(), 315'576'000'000);
  EXPECT_EQ(ToProto(-absl::InfiniteDuration()).seconds(), -315'576'000'000);
}

TEST(ProtoTimeTest, TellsSeconds) {
  EXPECT_DOUBLE_EQ(ToSeconds(ToProto(absl::Milliseconds(250))), 0.25);
}

}  // namespace
}  // namespace tessera
