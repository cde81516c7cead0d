// SPDX-License-Identifier: Apache-2.0
#include "cli/models/model_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "common/digest/sha256.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kReadBytes = 1 << 20;
// An engine takes at most this many files of one model.
constexpr size_t kMaxFiles = 500;

fs::path Resolve(const std::string& value, const std::string& base_folder) {
  if (value.starts_with("~/")) {
    const char* const home = std::getenv("HOME");
    return fs::path(home == nullptr ? "" : home) / value.substr(2);
  }
  const fs::path path(value);
  return path.is_absolute() ? path : fs::path(base_folder) / path;
}

absl::Status Unknown(const fs::path& path, std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "MODEL_SOURCE_UNKNOWN",
                   fmt::format("{} {}", path.string(), what));
}

absl::Status Unreadable(const fs::path& path) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "FILE_UNREADABLE",
                   fmt::format("{} cannot be read", path.string()));
}

absl::StatusOr<LocalModelFile> OneFile(const fs::path& path, const std::string& name) {
  std::error_code error;
  const uint64_t bytes = fs::file_size(path, error);
  if (error) return Unreadable(path);
  if (bytes == 0) return Unknown(path, "is empty");
  return LocalModelFile{.path = path.string(), .name = name, .bytes = bytes, .digest = ""};
}

absl::StatusOr<std::vector<LocalModelFile>> Gguf(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Unreadable(path);
  char magic[4] = {};
  stream.read(magic, sizeof magic);
  if (std::string_view(magic, sizeof magic) != "GGUF") {
    return Unknown(path, "is no GGUF file; models come as GGUF or as a folder of safetensors");
  }
  TESSERA_ASSIGN_OR_RETURN(LocalModelFile file, OneFile(path, path.filename().string()));
  return std::vector<LocalModelFile>{std::move(file)};
}

bool IsPartOfModel(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".safetensors" || extension == ".json" ||
         path.filename() == "tokenizer.model";
}

absl::StatusOr<std::vector<LocalModelFile>> Folder(const fs::path& folder) {
  std::vector<LocalModelFile> files;
  bool has_weights = false;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (!entry.is_regular_file() || !IsPartOfModel(entry.path())) continue;
    has_weights = has_weights || entry.path().extension() == ".safetensors";
    TESSERA_ASSIGN_OR_RETURN(LocalModelFile file,
                             OneFile(entry.path(), entry.path().filename().string()));
    files.push_back(std::move(file));
    if (files.size() > kMaxFiles) return Unknown(folder, "holds more than 500 model files");
  }
  if (error) return Unreadable(folder);
  if (!has_weights) return Unknown(folder, "holds no .safetensors file");
  if (!fs::exists(folder / "config.json")) {
    return Unknown(folder, "holds no config.json, which says what kind of model it is");
  }
  std::sort(files.begin(), files.end(),
            [](const LocalModelFile& a, const LocalModelFile& b) { return a.name < b.name; });
  return files;
}

}  // namespace

bool IsLocalSource(const std::string& value, const std::string& base_folder) {
  if (value.starts_with("/") || value.starts_with("./") || value.starts_with("../") ||
      value.starts_with("~/") || value == "." || value == ".." || value.ends_with(".gguf")) {
    return true;
  }
  std::error_code error;
  return fs::exists(Resolve(value, base_folder), error);
}

absl::StatusOr<std::vector<LocalModelFile>> FindModelFiles(const std::string& value,
                                                           const std::string& base_folder) {
  const fs::path path = Resolve(value, base_folder);
  std::error_code error;
  if (!fs::exists(path, error)) {
    return MakeError(absl::StatusCode::kNotFound, "FILE_NOT_FOUND",
                     fmt::format("{} does not exist", path.string()));
  }
  return fs::is_directory(path, error) ? Folder(path) : Gguf(path);
}

absl::StatusOr<std::string> DigestOfFile(const std::string& path,
                                         const std::function<bool(uint64_t)>& on_bytes) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Unreadable(path);
  Sha256 sha256;
  std::string piece(kReadBytes, '\0');
  uint64_t bytes = 0;
  while (stream) {
    stream.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<size_t>(stream.gcount());
    sha256.Add(std::string_view(piece).substr(0, got));
    bytes += got;
    if (!on_bytes(bytes)) {
      return MakeError(absl::StatusCode::kCancelled, "CANCELLED", "reading was given up");
    }
  }
  if (stream.bad()) return Unreadable(path);
  return "sha256:" + sha256.HexDigest();
}

}  // namespace tessera::cli
