// SPDX-License-Identifier: Apache-2.0
#include "services/inference/unserved_fields.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using testing::IsError;
using testing::IsOk;

TEST(UnservedFieldsTest, WhatIsNotServedIsRefusedByNameAndNeverDropped) {
  v1::GenerateRequest request;
  request.add_messages()->set_role(v1::ROLE_USER);
  EXPECT_THAT(CheckServed(request), IsOk());
  request.add_tools()->set_name("clock");
  EXPECT_THAT(CheckServed(request), IsError(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_NE(CheckServed(request).message().find("tools"), absl::string_view::npos);
  request.clear_tools();
  request.mutable_messages(0)->set_role(v1::ROLE_TOOL);
  EXPECT_THAT(CheckServed(request), IsError(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST(UnservedFieldsTest, CachePolicyIsHonouredAsItStands) {
  v1::GenerateRequest request;
  request.set_cache_policy(v1::CACHE_POLICY_REFRESH);
  EXPECT_THAT(CheckServed(request), IsOk());
}

TEST(UnservedFieldsTest, OneLabelIsServedAndSeveralAreNot) {
  v1::ClassifyRequest request;
  request.set_max_labels(1);
  EXPECT_THAT(CheckServed(request), IsOk());
  request.set_max_labels(2);
  EXPECT_THAT(CheckServed(request), IsError(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

}  // namespace
}  // namespace tessera::inference
