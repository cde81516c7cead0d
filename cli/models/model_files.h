// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_MODELS_MODEL_FILES_H_
#define TESSERA_CLI_MODELS_MODEL_FILES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::cli {

// A file of a model on this machine.
struct LocalModelFile {
  std::string path;
  std::string name;  // As the engine shall call it: relative, below the folder that was named.
  uint64_t bytes = 0;
  std::string digest;  // "sha256:..."; empty until DigestOfFile has run.
};

// Whether FROM's `value`, seen from `base_folder`, names something on this machine rather than a
// model of the engine: it begins like a path, ends in .gguf, or exists.
bool IsLocalSource(const std::string& value, const std::string& base_folder);

// The model file, or the files of a folder of safetensors that an engine needs to convert it:
// *.safetensors, *.json, tokenizer.model. Errors: FILE_NOT_FOUND, FILE_UNREADABLE,
// MODEL_SOURCE_UNKNOWN for what is neither GGUF nor such a folder.
absl::StatusOr<std::vector<LocalModelFile>> FindModelFiles(const std::string& value,
                                                           const std::string& base_folder);

// "sha256:..." of the file. `on_bytes` is told how many bytes have been read so far; false from it
// ends the reading with CANCELLED.
absl::StatusOr<std::string> DigestOfFile(const std::string& path,
                                         const std::function<bool(uint64_t)>& on_bytes);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_MODELS_MODEL_FILES_H_
