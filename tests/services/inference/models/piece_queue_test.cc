// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/piece_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace tessera::inference {
namespace {

std::string Take(PieceQueue& queue, size_t room) {
  std::string bytes(room, '\0');
  bytes.resize(queue.Read(bytes.data(), room).value());
  return bytes;
}

TEST(PieceQueueTest, HandsPiecesOutInOrderInWhateverPortions) {
  PieceQueue queue(11, 100, [] {});
  EXPECT_EQ(queue.bytes(), 11);
  EXPECT_EQ(Take(queue, 4), "");
  EXPECT_TRUE(queue.Push("hello"));
  EXPECT_TRUE(queue.Push(""));
  EXPECT_TRUE(queue.Push(" world"));
  EXPECT_EQ(Take(queue, 4), "hell");
  EXPECT_EQ(Take(queue, 4), "o wo");
  EXPECT_EQ(Take(queue, 100), "rld");
  EXPECT_EQ(Take(queue, 4), "");
}

TEST(PieceQueueTest, SaysWhenItIsFullAndOnceWhenThereIsRoomAgain) {
  int told = 0;
  PieceQueue queue(1000, 10, [&] { ++told; });
  EXPECT_TRUE(queue.Push("123456"));
  EXPECT_FALSE(queue.Push("789012"));
  EXPECT_EQ(Take(queue, 2), "12");
  EXPECT_EQ(told, 0) << "ten bytes are still there";
  EXPECT_EQ(Take(queue, 1), "3");
  EXPECT_EQ(told, 1);
  EXPECT_EQ(Take(queue, 100), "456789012");
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace tessera::inference
