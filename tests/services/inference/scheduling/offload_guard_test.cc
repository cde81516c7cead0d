// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/offload_guard.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using testing::IsError;

class CountingDispatcher : public ChatDispatcher {
 public:
  std::shared_ptr<ChatHandle> Submit(ChatJob, std::shared_ptr<DispatchObserver>) override {
    ++jobs;
    return nullptr;
  }
  int jobs = 0;
};

class End : public DispatchObserver {
 public:
  void OnPhase(const Phase&) override {}
  absl::Status OnPiece(const ChatPiece&) override { return absl::OkStatus(); }
  void OnEnd(absl::StatusOr<ChatOutcome> outcome) override { status = outcome.status(); }
  std::optional<absl::Status> status;
};

class OffloadGuardTest : public ::testing::Test {
 protected:
  OffloadGuardTest() {
    catalog_.Replace(
        {.reachable = true,
         .loaded = {{.name = "whole:latest", .size_bytes = 100, .size_vram_bytes = 100},
                    {.name = "half:latest", .size_bytes = 100, .size_vram_bytes = 50}}});
  }
  std::optional<absl::Status> Submit(OffloadPolicy policy, const std::string& model) {
    OffloadGuard guard(next_, catalog_, policy);
    const auto observer = std::make_shared<End>();
    guard.Submit({.model = model}, observer);
    return observer->status;
  }

  ModelCatalog catalog_;
  CountingDispatcher next_;
};

TEST_F(OffloadGuardTest, RefusesWhatIsOffloadedWhereToldTo) {
  EXPECT_THAT(*Submit(OffloadPolicy::kRefuse, "half"),
              IsError(absl::StatusCode::kFailedPrecondition, "MODEL_OFFLOADED"));
  EXPECT_EQ(next_.jobs, 0);
}

TEST_F(OffloadGuardTest, PassesOnTheRest) {
  Submit(OffloadPolicy::kRefuse, "whole");
  Submit(OffloadPolicy::kRefuse, "not-loaded");
  Submit(OffloadPolicy::kWarn, "half");
  Submit(OffloadPolicy::kAllow, "half");
  EXPECT_EQ(next_.jobs, 4);
}

TEST_F(OffloadGuardTest, KnowsItsPoliciesAndRatios) {
  EXPECT_EQ(OffloadPolicyOf("refuse"), OffloadPolicy::kRefuse);
  EXPECT_EQ(OffloadPolicyOf("warn"), OffloadPolicy::kWarn);
  EXPECT_EQ(OffloadPolicyOf("allow"), OffloadPolicy::kAllow);
  EXPECT_EQ(OffloadRatio({.size_bytes = 100, .size_vram_bytes = 130}), 0);
  EXPECT_EQ(OffloadRatio({.size_bytes = 0}), 0);
  EXPECT_EQ(OffloadRatio({.size_bytes = 100, .size_vram_bytes = 0}), 1);
}

}  // namespace
}  // namespace tessera::inference
