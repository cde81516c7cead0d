// SPDX-License-Identifier: Apache-2.0
//
// The items of a batch as a file holds them: one JSON document a line.
#ifndef TESSERA_CLI_BATCH_ITEMS_H_
#define TESSERA_CLI_BATCH_ITEMS_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::cli {

// An item whose pictures are still files: they are read when its turn comes, not before.
struct BatchItem {
  inference::v1::BatchRequest request;
  std::vector<std::string> pictures;  // Paths of files that belong to it.
};

// Reads the lines of `text`; empty ones are left out. A line is a BatchRequest in protobuf's JSON
// form; beside it may stand "pictures", a list of paths, which go into the last message, or the
// classification; "prompt" is short for a generation of one message. A line without an id is
// called by its number. ARGUMENT_INVALID, naming the line.
absl::StatusOr<std::vector<BatchItem>> ParseBatchItems(std::string_view text);

// Puts the item's pictures into its request. Errors as ReadFile.
absl::StatusOr<inference::v1::BatchRequest> LoadPictures(BatchItem item);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_BATCH_ITEMS_H_
