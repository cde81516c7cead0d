// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_HTTP_HTTP_BODY_SOURCE_H_
#define TESSERA_COMMON_HTTP_HTTP_BODY_SOURCE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"

namespace tessera {

// A request's body that is made while it is sent, so that it never has to fit into memory. The
// client keeps it alive until OnDone() has returned.
class HttpBodySource {
 public:
  virtual ~HttpBodySource() = default;

  // Length of the whole body, sent ahead as its Content-Length. Must not change.
  virtual int64_t bytes() const = 0;

  // Copies the next bytes to `to`, at most `room` of them (more than 0), and says how many. 0 means
  // that there are none right now: the client asks again after HttpCall::ResumeBody(). A non-OK
  // status ends the exchange and is what OnDone then reports. Not called again once bytes() have
  // been taken. Called on the client's I/O thread: must not block.
  virtual absl::StatusOr<size_t> Read(char* to, size_t room) = 0;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_HTTP_BODY_SOURCE_H_
