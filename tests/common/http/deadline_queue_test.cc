// SPDX-License-Identifier: Apache-2.0
#include "common/http/deadline_queue.h"

#include <gtest/gtest.h>

namespace tessera {
namespace {

absl::Time At(int seconds) { return absl::FromUnixSeconds(seconds); }

TEST(DeadlineQueueTest, HandsItemsOutWhenTheirTimeHasCome) {
  DeadlineQueue<int> queue;
  int first = 1;
  int second = 2;
  queue.ArmNoLaterThan(&second, At(20));
  queue.ArmNoLaterThan(&first, At(10));
  EXPECT_EQ(queue.next(), At(10));
  EXPECT_EQ(queue.PopDue(At(9)), nullptr);
  EXPECT_EQ(queue.PopDue(At(20)), &first);
  EXPECT_EQ(queue.PopDue(At(20)), &second);
  EXPECT_EQ(queue.PopDue(At(20)), nullptr);
  EXPECT_EQ(queue.next(), absl::InfiniteFuture());
}

TEST(DeadlineQueueTest, MovesADeadlineEarlierButNotLater) {
  DeadlineQueue<int> queue;
  int item = 0;
  queue.ArmNoLaterThan(&item, At(10));
  queue.ArmNoLaterThan(&item, At(20));
  EXPECT_EQ(queue.next(), At(10));
  queue.ArmNoLaterThan(&item, At(5));
  EXPECT_EQ(queue.next(), At(5));
  EXPECT_EQ(queue.PopDue(At(30)), &item);
  EXPECT_EQ(queue.PopDue(At(30)), nullptr) << "an item is in it once";
}

TEST(DeadlineQueueTest, ForgetsWhatIsRemoved) {
  DeadlineQueue<int> queue;
  int item = 0;
  queue.ArmNoLaterThan(&item, At(10));
  queue.Remove(&item);
  queue.Remove(&item);
  EXPECT_EQ(queue.PopDue(At(30)), nullptr);
}

}  // namespace
}  // namespace tessera
