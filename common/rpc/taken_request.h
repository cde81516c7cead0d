// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_RPC_TAKEN_REQUEST_H_
#define TESSERA_COMMON_RPC_TAKEN_REQUEST_H_

#include <memory>
#include <utility>

namespace tessera {

// The request of a unary call of the callback API, for work that may outlive the call, without a
// copy: megabytes of pictures lie in it. The message that is handed to a method is not a constant,
// it was made for this call and nobody looks at it after the method.
template <typename Request>
std::shared_ptr<Request> TakeRequest(const Request* request) {
  return std::make_shared<Request>(std::move(*const_cast<Request*>(request)));
}

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_TAKEN_REQUEST_H_
