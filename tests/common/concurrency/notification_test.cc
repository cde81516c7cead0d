// SPDX-License-Identifier: Apache-2.0
#include "common/concurrency/notification.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace tessera {
namespace {

TEST(NotificationTest, WakesWhoWaitsAndShowsWhatWasDoneBefore) {
  Notification notification;
  int value = 0;
  std::thread notifier([&] {
    value = 42;
    notification.Notify();
  });
  notification.Wait();
  EXPECT_EQ(value, 42);
  EXPECT_TRUE(notification.HasBeenNotified());
  EXPECT_TRUE(notification.WaitFor(absl::ZeroDuration()));
  notifier.join();
}

TEST(NotificationTest, GivesUpWhenNothingHappens) {
  const Notification notification;
  EXPECT_FALSE(notification.WaitFor(absl::ZeroDuration()));
  EXPECT_FALSE(notification.WaitFor(absl::Milliseconds(20)));
  EXPECT_FALSE(notification.HasBeenNotified());
}

TEST(NotificationTest, MayBeDestroyedByItsWaiter) {
  for (int i = 0; i < 200; ++i) {
    auto notification = std::make_unique<Notification>();
    std::thread notifier([raw = notification.get()] { raw->Notify(); });
    notification->Wait();
    notification.reset();
    notifier.join();
  }
}

}  // namespace
}  // namespace tessera
