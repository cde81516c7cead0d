// SPDX-License-Identifier: Apache-2.0
#include "cli/models/blob_upload.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>

#include "absl/time/clock.h"
#include "cli/client_call.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

namespace api = model::v1;

constexpr size_t kPieceBytes = 1 << 20;
constexpr int kMaxTries = 3;
constexpr absl::Duration kLongestUpload = absl::Hours(24);

absl::Status UploadOnce(Session& session, const Connection& connection, TransferDisplay& display,
                        const LocalModelFile& file) {
  std::ifstream stream(file.path, std::ios::binary);
  if (!stream) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FILE_UNREADABLE",
                     fmt::format("{} cannot be read", file.path));
  }
  const std::string what = fmt::format("uploading {}", file.name);
  ClientCall call(session, connection, session.TimeoutOr(kLongestUpload));
  api::UploadBlobResponse response;
  const auto stub = api::ModelService::NewStub(connection.channel);
  const auto upload = stub->UploadBlob(call.context(), &response);
  api::UploadBlobRequest part;
  part.mutable_start()->set_digest(file.digest);
  part.mutable_start()->set_size_bytes(file.bytes);
  bool taken = upload->Write(part);
  uint64_t sent = 0;
  std::string piece(kPieceBytes, '\0');
  while (taken && stream) {
    stream.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<size_t>(stream.gcount());
    if (got == 0) break;
    part.set_piece(piece.data(), got);
    taken = upload->Write(part);
    sent += got;
    display.ShowOwn(what, sent, std::max(file.bytes, sent));
  }
  upload->WritesDone();
  return call.ToStatus(upload->Finish());
}

absl::Status Upload(Session& session, const Connection& connection, TransferDisplay& display,
                    const LocalModelFile& file) {
  absl::Status status;
  for (int tries = 1; tries <= kMaxTries; ++tries) {
    status = UploadOnce(session, connection, display, file);
    if (!absl::IsUnavailable(status) || session.interrupt().raised()) return status;
    if (tries < kMaxTries) absl::SleepFor(absl::Seconds(tries));
  }
  return status;
}

}  // namespace

absl::Status UploadModelFiles(Session& session, const Connection& connection,
                              TransferDisplay& display, std::vector<LocalModelFile>& files) {
  api::FindMissingBlobsRequest find;
  for (LocalModelFile& file : files) {
    const std::string what = fmt::format("reading {}", file.name);
    TESSERA_ASSIGN_OR_RETURN(file.digest, DigestOfFile(file.path, [&](uint64_t done) {
                               display.ShowOwn(what, done, file.bytes);
                               return true;
                             }));
    find.add_digests(file.digest);
  }
  api::FindMissingBlobsResponse found;
  {
    ClientCall call(session, connection);
    TESSERA_RETURN_IF_ERROR(call.ToStatus(api::ModelService::NewStub(connection.channel)
                                              ->FindMissingBlobs(call.context(), find, &found)));
  }
  const std::set<std::string> missing(found.missing().begin(), found.missing().end());
  for (const LocalModelFile& file : files) {
    if (!missing.contains(file.digest)) {
      display.Show({.status = fmt::format("the engine has {} already", file.name),
                    .digest = file.digest,
                    .time_left = std::nullopt});
      continue;
    }
    TESSERA_RETURN_IF_ERROR(Upload(session, connection, display, file));
  }
  return absl::OkStatus();
}

}  // namespace tessera::cli
