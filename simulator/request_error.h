// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SIMULATOR_REQUEST_ERROR_H_
#define TESSERA_SIMULATOR_REQUEST_ERROR_H_

#include <string>

namespace tessera::simulator {

// A refusal: its HTTP status and the text of its {"error": ...}.
struct RequestError {
  int status = 0;  // 0: no error
  std::string text;
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_REQUEST_ERROR_H_
