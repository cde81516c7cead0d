// SPDX-License-Identifier: Apache-2.0
//
// google.protobuf.Duration from and to what the code computes with.
#ifndef TESSERA_COMMON_RPC_PROTO_TIME_H_
#define TESSERA_COMMON_RPC_PROTO_TIME_H_

#include <google/protobuf/duration.pb.h>

#include "absl/time/time.h"

namespace tessera {

// Infinite durations become the largest that the message can hold.
google::protobuf::Duration ToProto(absl::Duration duration);

// The message's fields are taken as they are; callers check ranges.
absl::Duration FromProto(const google::protobuf::Duration& duration);
double ToSeconds(const google::protobuf::Duration& duration);

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_PROTO_TIME_H_
