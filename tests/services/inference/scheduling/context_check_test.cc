// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/context_check.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using testing::IsError;
using testing::IsOk;

const ModelFacts kQwen{.name = "q:4b", .family = "qwen3vl"};
const ModelFacts kGemma{.name = "g:4b", .family = "gemma3"};

EngineSnapshot Engine(const char* version, uint32_t context_tokens = 2048) {
  EngineSnapshot snapshot{.reachable = true, .version = version};
  snapshot.models["q:4b"] = kQwen;
  snapshot.loaded.push_back({.name = "q:4b", .context_tokens = context_tokens});
  return snapshot;
}

ChatJob Show(uint32_t width_px = 640, uint32_t height_px = 480) {
  ChatJob job;
  job.model = "q:4b";
  job.pictures.push_back({.digest = "d",
                          .width_px = width_px,
                          .height_px = height_px,
                          .tokens_legacy = 302,
                          .tokens_current = 1026});
  return job;
}

auto Overflows() { return IsError(absl::StatusCode::kInvalidArgument, "CONTEXT_OVERFLOW"); }

TEST(ContextCheckTest, SaysNeededAndAvailable) {
  ChatJob job = Show();
  EXPECT_THAT(CheckBeforeSending(job, Engine("0.33.0"), &kQwen), IsOk());
  job.pictures.push_back(job.pictures[0]);
  const absl::Status overflow = CheckBeforeSending(job, Engine("0.33.0"), &kQwen);
  EXPECT_THAT(overflow, Overflows());
  EXPECT_EQ(MetadataOf(overflow, "neededTokens"), "2052");
  EXPECT_EQ(MetadataOf(overflow, "availableTokens"), "2048");
  // The same pictures cost less on the older engine.
  EXPECT_THAT(CheckBeforeSending(job, Engine("0.17.4"), &kQwen), IsOk());
}

TEST(ContextCheckTest, ARequestsOwnContextCounts) {
  ChatJob job = Show();
  job.context_tokens = 512;
  EXPECT_THAT(CheckBeforeSending(job, Engine("0.33.0"), &kQwen), Overflows());
}

TEST(ContextCheckTest, WhatIsNotKnownIsNotRefused) {
  ChatJob job = Show();
  EXPECT_THAT(CheckBeforeSending(job, Engine("0.33.0", 0), &kQwen), IsOk());
  EXPECT_THAT(CheckBeforeSending(job, Engine("0.33.0", 100), &kGemma), IsOk());
  EXPECT_THAT(CheckBeforeSending(job, Engine("0.33.0", 100), nullptr), IsOk());
  ChatJob text;
  text.model = "q:4b";
  text.text_tokens = 1'000'000;
  EXPECT_THAT(CheckBeforeSending(text, Engine("0.33.0"), &kQwen), IsOk());
}

TEST(ContextCheckTest, SidesThatCrashTheOlderEngineAreNotShownToIt) {
  const auto extreme = IsError(absl::StatusCode::kInvalidArgument, "IMAGE_ASPECT_EXTREME");
  EXPECT_THAT(CheckBeforeSending(Show(31, 480), Engine("0.17.4"), &kQwen), extreme);
  EXPECT_THAT(CheckBeforeSending(Show(32, 6401), Engine("0.17.4"), &kQwen), extreme);
  EXPECT_THAT(CheckBeforeSending(Show(32, 6400), Engine("0.17.4"), &kQwen), IsOk());
  EXPECT_THAT(CheckBeforeSending(Show(31, 480), Engine("0.33.0"), &kQwen), IsOk());
}

TEST(ContextCheckTest, APictureThatTheEngineDroppedIsAnError) {
  const ChatJob job = Show();
  const absl::Status dropped = CheckPicturesWereRead(job, Engine("0.17.4"), &kQwen, 26);
  EXPECT_THAT(dropped, Overflows());
  EXPECT_EQ(MetadataOf(dropped, "neededTokens"), "302");
  EXPECT_EQ(MetadataOf(dropped, "readTokens"), "26");
  EXPECT_THAT(CheckPicturesWereRead(job, Engine("0.17.4"), &kQwen, 323), IsOk());
  EXPECT_THAT(CheckPicturesWereRead(job, Engine("0.33.0"), &kQwen, 323), Overflows());
  // Nothing is predicted for other families, and nothing concluded from a missing count.
  EXPECT_THAT(CheckPicturesWereRead(job, Engine("0.17.4"), &kGemma, 26), IsOk());
  EXPECT_THAT(CheckPicturesWereRead(job, Engine("0.17.4"), &kQwen, 0), IsOk());
}

}  // namespace
}  // namespace tessera::inference
