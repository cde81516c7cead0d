// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_FULL_SIZE_H_
#define TESSERA_TESTS_SUPPORT_FULL_SIZE_H_

#include <cstdlib>
#include <string_view>

namespace tessera::testing {

// Whether tests of load run at full size, as `make load` has them do, or in seconds.
inline bool FullSize() {
  const char* const size = std::getenv("TESSERA_LOAD");
  return size != nullptr && std::string_view(size) == "full";
}

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_FULL_SIZE_H_
