// SPDX-License-Identifier: Apache-2.0
#include "cli/local_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/quantities.h"
#include "common/status/error.h"

namespace tessera::cli {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;

class Descriptor {
 public:
  Descriptor(int fd, bool owned) : fd_(fd), owned_(owned) {}
  ~Descriptor() {
    if (owned_ && fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  // Closes; false when what was written may not have arrived.
  bool Close() { return close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
  const bool owned_;
};

absl::Status FileError(int error, const std::string& name, std::string_view other_reason) {
  const auto make = [&](absl::StatusCode code, std::string_view reason, std::string_view what) {
    return MakeError(code, reason, fmt::format("{}: {}", name, what),
                     {.metadata = {{"file", name}}});
  };
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return make(absl::StatusCode::kNotFound, "FILE_NOT_FOUND", "there is no such file or folder");
    case EISDIR:
      return make(absl::StatusCode::kInvalidArgument, "FILE_IS_DIRECTORY", "is a folder");
    case EACCES:
    case EPERM:
      return make(absl::StatusCode::kPermissionDenied, other_reason, std::strerror(error));
    default:
      return make(absl::StatusCode::kUnknown, other_reason, std::strerror(error));
  }
}

absl::Status TooLarge(const std::string& name, const std::string& size, size_t max_bytes) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE",
      fmt::format("{} has {}; at most {} can be sent", name, size, SizeText(max_bytes)),
      {.metadata = {{"file", name}, {"limitBytes", fmt::to_string(max_bytes)}}});
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  const bool is_input = path == "-";
  const std::string name = is_input ? "standard input" : path;
  const Descriptor file(is_input ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC),
                        /*owned=*/!is_input);
  struct stat facts {};
  if (file.get() < 0 || fstat(file.get(), &facts) != 0) {
    return FileError(errno, name, "FILE_UNREADABLE");
  }
  if (S_ISDIR(facts.st_mode)) return FileError(EISDIR, name, "FILE_UNREADABLE");
  std::string content;
  if (S_ISREG(facts.st_mode)) {
    const auto size = static_cast<size_t>(facts.st_size);
    if (size > max_bytes) return TooLarge(name, SizeText(size), max_bytes);
    content.reserve(size + 1);
  }
  while (true) {
    const size_t had = content.size();
    if (had > max_bytes) return TooLarge(name, "more than that", max_bytes);
    content.resize(had + std::min(kPieceBytes, max_bytes + 1 - had));
    const ssize_t got = read(file.get(), content.data() + had, content.size() - had);
    if (got < 0 && errno == EINTR) {
      content.resize(had);
      continue;
    }
    if (got < 0) return FileError(errno, name, "FILE_UNREADABLE");
    content.resize(had + static_cast<size_t>(got));
    if (got == 0) return content;
  }
}

absl::Status WriteFile(const std::string& path, std::string_view content) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666),
                  /*owned=*/true);
  if (file.get() < 0) return FileError(errno, path, "FILE_UNWRITABLE");
  while (!content.empty()) {
    const ssize_t written = write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(errno, path, "FILE_UNWRITABLE");
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (!file.Close()) return FileError(errno, path, "FILE_UNWRITABLE");
  return absl::OkStatus();
}

}  // namespace tessera::cli
