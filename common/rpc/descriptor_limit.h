// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_RPC_DESCRIPTOR_LIMIT_H_
#define TESSERA_COMMON_RPC_DESCRIPTOR_LIMIT_H_

namespace tessera {

// Lets this process open as many descriptors as it may, not as many as it was started with: 1,024
// is the usual soft limit, and a stream takes two. Call once, first thing.
void RaiseDescriptorLimit();

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_DESCRIPTOR_LIMIT_H_
