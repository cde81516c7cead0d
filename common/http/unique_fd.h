// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_HTTP_UNIQUE_FD_H_
#define TESSERA_COMMON_HTTP_UNIQUE_FD_H_

#include <unistd.h>

namespace tessera {

// A file descriptor that is closed with its owner; negative when there is none.
class UniqueFd {
 public:
  explicit UniqueFd(int fd) : fd_(fd) {}
  ~UniqueFd() {
    if (fd_ >= 0) close(fd_);
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;

  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_UNIQUE_FD_H_
