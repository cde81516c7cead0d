// SPDX-License-Identifier: Apache-2.0
//
// Getting the files of a model to the engine.
#ifndef TESSERA_CLI_MODELS_BLOB_UPLOAD_H_
#define TESSERA_CLI_MODELS_BLOB_UPLOAD_H_

#include <tessera/model/v1/model_service.grpc.pb.h>

#include <vector>

#include "absl/status/status.h"
#include "cli/models/model_files.h"
#include "cli/models/transfer_display.h"
#include "cli/session.h"

namespace tessera::cli {

// Computes digests, asks which files the engine lacks, and uploads those, in pieces; a file whose
// upload breaks off is tried again. Fills `digest` of every file in. Ctrl-C ends it: files that
// went through stay with the engine, the next call goes on after them.
absl::Status UploadModelFiles(Session& session, const Connection& connection,
                              TransferDisplay& display, std::vector<LocalModelFile>& files);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_MODELS_BLOB_UPLOAD_H_
