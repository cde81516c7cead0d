// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SIMULATOR_HTTP_STATUS_H_
#define TESSERA_SIMULATOR_HTTP_STATUS_H_

#include <string_view>

namespace tessera::simulator {

// The words that go with a status code; "Status" for one without any.
std::string_view StatusText(int status);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_HTTP_STATUS_H_
