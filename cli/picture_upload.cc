// SPDX-License-Identifier: Apache-2.0
#include "cli/picture_upload.h"

#include <fmt/format.h>

#include <string_view>

namespace tessera::cli {
namespace {

namespace api = inference::v1;

bool SendWhole(UploadStream& stream, const std::string& id, const std::string& content) {
  api::StreamGenerateRequest part;
  part.mutable_image()->set_stream_id(id);
  part.mutable_image()->mutable_image()->set_content(content);
  return stream.Write(part);
}

bool SendPiece(UploadStream& stream, const std::string& id, std::string_view piece, bool last) {
  api::StreamGenerateRequest part;
  part.mutable_chunk()->set_stream_id(id);
  part.mutable_chunk()->set_data(std::string(piece));
  part.mutable_chunk()->set_last(last);
  return stream.Write(part);
}

}  // namespace

std::string UploadId(size_t index) { return fmt::format("picture-{}", index + 1); }

void PromisePictures(size_t count, api::Message& message) {
  for (size_t i = 0; i < count; ++i) message.add_images()->set_stream_id(UploadId(i));
}

bool UploadPictures(UploadStream& stream, const std::vector<PictureFile>& pictures,
                    absl::FunctionRef<void(uint64_t sent, uint64_t total)> progress) {
  uint64_t total = 0;
  uint64_t sent = 0;
  for (const PictureFile& picture : pictures) total += picture.content.size();
  for (size_t i = 0; i < pictures.size(); ++i) {
    const std::string id = UploadId(i);
    std::string_view rest = pictures[i].content;
    if (rest.size() <= kUploadPieceBytes) {
      if (!SendWhole(stream, id, pictures[i].content)) return false;
      sent += rest.size();
      progress(sent, total);
      continue;
    }
    while (!rest.empty()) {
      const std::string_view piece = rest.substr(0, kUploadPieceBytes);
      rest.remove_prefix(piece.size());
      if (!SendPiece(stream, id, piece, rest.empty())) return false;
      sent += piece.size();
      progress(sent, total);
    }
  }
  return true;
}

}  // namespace tessera::cli
