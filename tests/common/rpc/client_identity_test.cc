// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/client_identity.h"

#include <gtest/gtest.h>

namespace tessera {
namespace {

TEST(ClientIdentityTest, ConnectionsOfOneHostAreOneClient) {
  EXPECT_EQ(PeerWithoutPort("ipv4:10.0.0.7:51234"), "ipv4:10.0.0.7");
  EXPECT_EQ(PeerWithoutPort("ipv6:%5B::1%5D:51234"), "ipv6:%5B::1%5D");
}

TEST(ClientIdentityTest, APeerWithoutAPortStaysAsItIs) {
  EXPECT_EQ(PeerWithoutPort("ipv4:unknown"), "ipv4:unknown");
  EXPECT_EQ(PeerWithoutPort("unix:/run/a:b"), "unix:/run/a:b");
  EXPECT_EQ(PeerWithoutPort(""), "");
}

}  // namespace
}  // namespace tessera
