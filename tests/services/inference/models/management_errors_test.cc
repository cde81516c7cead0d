// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/management_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/inference/engine/engine_errors.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using ::tessera::testing::IsError;

struct Row {
  int http_status;
  const char* text;
  absl::StatusCode code;
  const char* reason;
};

TEST(ManagementErrorsTest, SaysWhatEachTextOfTheEngineMeans) {
  const std::vector<Row> rows = {
      {kMidStream, "write /models/blobs/sha256-12-partial: no space left on device",
       absl::StatusCode::kResourceExhausted, "ENGINE_DISK_FULL"},
      {kMidStream, "pull model manifest: file does not exist", absl::StatusCode::kNotFound,
       "MODEL_NOT_IN_REGISTRY"},
      {kMidStream,
       "pull model manifest: Get \"https://registry.ollama.ai/v2/library/a/manifests/b\": dial "
       "tcp: lookup registry.ollama.ai: no such host",
       absl::StatusCode::kUnavailable, "REGISTRY_UNREACHABLE"},
      {kMidStream, "max retries exceeded: Get \"https://a/b\": net/http: TLS handshake timeout",
       absl::StatusCode::kUnavailable, "REGISTRY_UNREACHABLE"},
      {kMidStream, "digest mismatch, file must be downloaded again: want sha256:1, got sha256:2",
       absl::StatusCode::kDataLoss, "MODEL_FILES_DAMAGED"},
      {400, "digest mismatch, expected \"sha256:1\", got \"sha256:2\"", absl::StatusCode::kDataLoss,
       "MODEL_FILES_DAMAGED"},
      {kMidStream,
       "pull model manifest: 412: The model you are attempting to pull requires a newer version of "
       "Ollama.",
       absl::StatusCode::kFailedPrecondition, "ENGINE_TOO_OLD"},
      {kMidStream, "quantization is only supported for F16, BF16 and F32 models",
       absl::StatusCode::kFailedPrecondition, "QUANTIZATION_SOURCE"},
      {kMidStream, "unsupported quantization type Q5_K_M - supported types are F32, F16, Q4_K_S",
       absl::StatusCode::kInvalidArgument, "QUANTIZATION_UNKNOWN"},
      {400, "blob sha256:1 not found", absl::StatusCode::kFailedPrecondition, "BLOB_MISSING"},
      {400, "unknown type", absl::StatusCode::kFailedPrecondition, "MODEL_FILES_UNSUPPORTED"},
      {404, "model 'x' not found", absl::StatusCode::kNotFound, "MODEL_NOT_FOUND"},
      {500, "something else", absl::StatusCode::kInternal, "ENGINE_FAILED"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(StatusFromManagementError(row.http_status, row.text), IsError(row.code, row.reason))
        << row.text;
  }
}

TEST(ManagementErrorsTest, ExplainsWhyAQuantisedModelCannotBeQuantisedAgain) {
  const absl::Status status = StatusFromManagementError(
      kMidStream, "quantization is only supported for F16, BF16 and F32 models");
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("start from the F16"));
}

TEST(ManagementErrorsTest, ReadsWholeReplies) {
  EXPECT_THAT(StatusFromManagementReply(404, R"({"error":"model 'x' not found"})"),
              IsError(absl::StatusCode::kNotFound, "MODEL_NOT_FOUND"));
  EXPECT_THAT(StatusFromManagementReply(404, "404 page not found"),
              IsError(absl::StatusCode::kInternal, "ENGINE_FAILED"));
}

TEST(ManagementErrorsTest, SaysHowToSwitchAdministrationOn) {
  EXPECT_THAT(AdminDisabledError(),
              IsError(absl::StatusCode::kPermissionDenied, "MODEL_ADMIN_DISABLED"));
}

}  // namespace
}  // namespace tessera::inference
