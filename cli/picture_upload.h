// SPDX-License-Identifier: Apache-2.0
//
// Pictures on their way up a StreamGenerate call.
#ifndef TESSERA_CLI_PICTURE_UPLOAD_H_
#define TESSERA_CLI_PICTURE_UPLOAD_H_

#include <grpcpp/support/sync_stream.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "cli/picture_file.h"

namespace tessera::cli {

using UploadStream = grpc::ClientReaderWriterInterface<inference::v1::StreamGenerateRequest,
                                                       inference::v1::StreamGenerateResponse>;

// A picture up to this size goes in one message, a larger one in pieces of this size.
inline constexpr size_t kUploadPieceBytes = 256 << 10;

// The id under which picture `index` is promised and sent.
std::string UploadId(size_t index);

// Adds the promises of `count` pictures to a message of `start`.
void PromisePictures(size_t count, inference::v1::Message& message);

// Sends all pictures. `progress` learns how many bytes have gone of how many. False when the
// server has ended the call: its status says why.
bool UploadPictures(UploadStream& stream, const std::vector<PictureFile>& pictures,
                    absl::FunctionRef<void(uint64_t sent, uint64_t total)> progress);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_PICTURE_UPLOAD_H_
