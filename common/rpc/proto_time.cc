// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/proto_time.h"

#include <algorithm>

namespace tessera {
namespace {
// The range of google.protobuf.Duration, 10,000 years.
constexpr absl::Duration kLongest = absl::Seconds(315'576'000'000);
}  // namespace

google::protobuf::Duration ToProto(absl::Duration duration) {
  absl::Duration rest = std::clamp(duration, -kLongest, kLongest);
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(rest, absl::Seconds(1), &rest));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return proto;
}

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

double ToSeconds(const google::protobuf::Duration& duration) {
  return absl::ToDoubleSeconds(FromProto(duration));
}

}  // namespace tessera
