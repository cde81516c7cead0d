// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/fair_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tessera::inference {
namespace {

// Entries with an owner, and a queue for them.
class FairQueueTest : public ::testing::Test {
 protected:
  QueueEntry& Push(const std::string& client, double seconds = 1,
                   JobPriority priority = JobPriority::kInteractive) {
    auto entry = std::make_unique<QueueEntry>();
    entry->client = client;
    entry->cost_seconds = seconds;
    entry->priority = priority;
    entry->bytes = 10;
    entries_.push_back(std::move(entry));
    queue_.Push(*entries_.back());
    return *entries_.back();
  }
  QueueEntry& PushBatch(const std::string& client, double seconds = 1) {
    return Push(client, seconds, JobPriority::kBatch);
  }
  std::string PopClients(int count) {
    std::string clients;
    for (int i = 0; i < count; ++i) clients += queue_.Pop()->client;
    return clients;
  }

  FairQueue queue_;
  std::vector<std::unique_ptr<QueueEntry>> entries_;
};

TEST_F(FairQueueTest, OneClientsEntriesLeaveInOrder) {
  QueueEntry& first = Push("a");
  QueueEntry& second = Push("a");
  EXPECT_EQ(queue_.size(), 2U);
  EXPECT_EQ(queue_.bytes(), 20U);
  EXPECT_EQ(queue_.Pop(), &first);
  EXPECT_EQ(queue_.Pop(), &second);
  EXPECT_EQ(queue_.Pop(), nullptr);
  EXPECT_EQ(queue_.bytes(), 0U);
}

TEST_F(FairQueueTest, ALateClientDoesNotWaitBehindAnothersBacklog) {
  for (int i = 0; i < 100; ++i) Push("a");
  EXPECT_EQ(PopClients(3), "aaa");
  for (int i = 0; i < 3; ++i) Push("b");
  EXPECT_EQ(PopClients(6), "bbbaaa");
}

TEST_F(FairQueueTest, AClientThatHadLessThanItsShareMayComeInABurst) {
  for (int i = 0; i < 100; ++i) Push("a");
  PopClients(16);
  for (int i = 0; i < 20; ++i) Push("b");
  // Its credit is bounded: after that they share.
  EXPECT_EQ(PopClients(9), "bbbbbbbbb");
  EXPECT_EQ(PopClients(6), "ababab");
}

TEST_F(FairQueueTest, CreditIsNotRenewedByLeavingForAMoment) {
  for (int i = 0; i < 100; ++i) Push("a");
  PopClients(16);
  for (int i = 0; i < 9; ++i) Push("b");
  EXPECT_EQ(PopClients(9), "bbbbbbbbb");
  for (int i = 0; i < 3; ++i) Push("b");
  EXPECT_EQ(PopClients(6), "ababab");
}

TEST_F(FairQueueTest, SharesAreOfTimeNotOfRequests) {
  for (int i = 0; i < 10; ++i) Push("a", 4);
  for (int i = 0; i < 40; ++i) Push("b", 1);
  std::map<std::string, double> seconds;
  for (int i = 0; i < 20; ++i) {
    const QueueEntry* entry = queue_.Pop();
    seconds[entry->client] += entry->cost_seconds;
  }
  EXPECT_NEAR(seconds["a"], seconds["b"], 4);
}

TEST_F(FairQueueTest, BatchGetsATenthWhileOthersWaitAndEverythingOtherwise) {
  for (int i = 0; i < 100; ++i) PushBatch("b");
  for (int i = 0; i < 90; ++i) Push("i");
  int batch = 0;
  for (int i = 0; i < 100; ++i) batch += queue_.Pop()->priority == JobPriority::kBatch;
  EXPECT_NEAR(batch, 10, 1);
  while (QueueEntry* entry = queue_.Pop()) batch += entry->priority == JobPriority::kBatch;
  EXPECT_EQ(batch, 100);
}

TEST_F(FairQueueTest, BatchNeverStarvesUnderSteadyInteractiveLoad) {
  for (int i = 0; i < 5; ++i) PushBatch("b");
  int batch = 0;
  for (int i = 0; i < 100; ++i) {
    Push("i");
    Push("i");
    batch += queue_.Pop()->priority == JobPriority::kBatch;
  }
  EXPECT_EQ(batch, 5);
}

TEST_F(FairQueueTest, TimeThatBatchHadAloneIsNotHeldAgainstIt) {
  for (int i = 0; i < 50; ++i) PushBatch("b");
  PopClients(40);
  for (int i = 0; i < 90; ++i) Push("i");
  int batch = 0;
  for (int i = 0; i < 50; ++i) batch += queue_.Pop()->priority == JobPriority::kBatch;
  EXPECT_GE(batch, 4);
}

TEST_F(FairQueueTest, WhoGoesAnewGoesFirst) {
  QueueEntry& first = Push("a");
  Push("a");
  ASSERT_EQ(queue_.Pop(), &first);
  Push("b");
  queue_.Push(first, /*anew=*/true);
  EXPECT_EQ(queue_.Pop(), &first);
}

TEST_F(FairQueueTest, TakesInWhatComesFromOtherQueues) {
  FairQueue other;
  QueueEntry strangers[2];
  for (QueueEntry& stranger : strangers) {
    other.Push(stranger);
    other.Remove(stranger);
  }
  Push("");
  Push("");
  for (QueueEntry& stranger : strangers) queue_.Push(stranger, /*anew=*/true);
  EXPECT_EQ(queue_.size(), 4U);
}

TEST_F(FairQueueTest, RemovalGivesTheClientItsShareBack) {
  QueueEntry& costly = Push("a", 100);
  Push("b");
  EXPECT_TRUE(queue_.Remove(costly));
  EXPECT_FALSE(queue_.Remove(costly));
  Push("a");
  EXPECT_EQ(queue_.size(), 2U);
  // Would come after a hundred of the other's otherwise.
  for (int i = 0; i < 5; ++i) Push("b");
  EXPECT_NE(PopClients(3).find('a'), std::string::npos);
}

TEST_F(FairQueueTest, SaysWhatGoesBefore) {
  QueueEntry& first = Push("a", 2);
  QueueEntry& second = Push("a", 3);
  EXPECT_EQ(queue_.WhatIsAheadOf(first).entries, 0U);
  EXPECT_EQ(queue_.WhatIsAheadOf(second).entries, 1U);
  EXPECT_DOUBLE_EQ(queue_.WhatIsAheadOf(second).seconds, 2);
  QueueEntry& batch = PushBatch("b", 1);
  // Its tenth comes before nine tenths have gone by.
  EXPECT_EQ(queue_.WhatIsAheadOf(batch).entries, 2U);
  EXPECT_DOUBLE_EQ(queue_.WhatIsAheadOf(batch).seconds, 5);
  EXPECT_DOUBLE_EQ(queue_.backlog_seconds(), 6);
}

TEST_F(FairQueueTest, BatchMakesRoomForInteractive) {
  PushBatch("b");
  QueueEntry& youngest = PushBatch("b");
  QueueEntry& newcomer = Push("i");
  EXPECT_EQ(queue_.MostDispensable(newcomer), &youngest);
}

TEST_F(FairQueueTest, TheGreediestClientMakesRoomAndNobodyForItself) {
  Push("a");
  Push("a");
  QueueEntry& youngest = Push("a");
  QueueEntry& newcomer = Push("b");
  EXPECT_EQ(queue_.MostDispensable(newcomer), &youngest);
  QueueEntry& greedy = Push("a");
  EXPECT_EQ(queue_.MostDispensable(greedy), nullptr);
}

}  // namespace
}  // namespace tessera::inference
