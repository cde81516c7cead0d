// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/stream/stream_items.h"

#include <fmt/format.h>

#include <utility>

#include "common/rpc/call_errors.h"
#include "common/rpc/request_id.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture_messages.h"
#include "services/preprocess/tensor_messages.h"

namespace tessera::preprocess {
namespace {

constexpr size_t kMaxChunkBytes = 4 << 20;

absl::Status WindowExceeded(std::string_view what, uint64_t limit) {
  return MakeError(absl::StatusCode::kInvalidArgument, "STREAM_WINDOW_EXCEEDED",
                   fmt::format("more than {} {} are unanswered; the first message of the stream "
                               "says how much may be",
                               limit, what),
                   {.metadata = {{"limit", std::to_string(limit)}}});
}

}  // namespace

absl::Status StreamItems::SetDefaults(const v1::StreamPreprocessStart& start) {
  TESSERA_ASSIGN_OR_RETURN(defaults_, ToPictureOptions(start.options(), "start.options"));
  if (start.has_tensor()) {
    TESSERA_ASSIGN_OR_RETURN(defaults_.tensor, ToTensorSpec(start.tensor(), "start.tensor"));
  }
  return absl::OkStatus();
}

absl::StatusOr<PictureOptions> StreamItems::OptionsOf(const v1::StreamPreprocessItem& item) const {
  if (!item.has_options() && !item.has_tensor()) return defaults_;
  TESSERA_ASSIGN_OR_RETURN(PictureOptions options,
                           ToPictureOptions(item.options(), "item.options"));
  if (item.has_tensor()) {
    TESSERA_ASSIGN_OR_RETURN(options.tensor, ToTensorSpec(item.tensor(), "item.tensor"));
  }
  return options;
}

absl::StatusOr<std::optional<StreamItems::Next>> StreamItems::Take(v1::StreamPreprocessItem given) {
  const std::string& id = given.id();
  if (id.empty() || !RequestIdOr(id).ok()) {
    return InvalidField("item.id", "must be 1 to 64 letters, digits, '.', '_' or '-'");
  }
  MutexLock lock(&mutex_);
  if (items_.contains(id)) {
    return InvalidField("item.id", fmt::format("'{}' is the id of a picture without a result", id));
  }
  if (items_.size() >= window_.max_items) return WindowExceeded("pictures", window_.max_items);
  Item& item = items_[id];
  absl::StatusOr<PictureOptions> options = OptionsOf(given);
  if (!options.ok()) return Refuse(id, item, options.status());
  item.options = *std::move(options);
  switch (given.source_case()) {
    case v1::StreamPreprocessItem::kContent:
      item.file = std::move(*given.mutable_content());
      TESSERA_RETURN_IF_ERROR(CountBytes(item, item.file.size()));
      return Complete(id, item);
    case v1::StreamPreprocessItem::kUpload:
      item.announced_bytes = given.upload().size_bytes();
      if (item.announced_bytes > limits_.max_file_bytes) {
        return Refuse(id, item, TooManyBytesError(item.announced_bytes, limits_.max_file_bytes));
      }
      return std::nullopt;
    case v1::StreamPreprocessItem::SOURCE_NOT_SET:
      break;
  }
  return Refuse(id, item, InvalidField("item.source", "is neither content nor upload"));
}

absl::StatusOr<std::optional<StreamItems::Next>> StreamItems::Take(
    v1::StreamPreprocessChunk chunk) {
  if (chunk.data().empty() && !chunk.last()) {
    return MalformedStreamError("a piece that is not the last one is empty");
  }
  if (chunk.data().size() > kMaxChunkBytes) {
    return InvalidField("chunk.data", fmt::format("has {} bytes; at most {} are allowed",
                                                  chunk.data().size(), kMaxChunkBytes));
  }
  MutexLock lock(&mutex_);
  const auto found = items_.find(chunk.id());
  // Pieces may still be on the way when their picture is refused.
  if (found == items_.end() || found->second.complete) return std::nullopt;
  Item& item = found->second;
  const uint64_t bytes = item.file.size() + chunk.data().size();
  if (bytes > limits_.max_file_bytes) {
    return Refuse(chunk.id(), item, TooManyBytesError(bytes, limits_.max_file_bytes));
  }
  TESSERA_RETURN_IF_ERROR(CountBytes(item, chunk.data().size()));
  if (item.file.empty()) {
    item.file = std::move(*chunk.mutable_data());
    item.file.reserve(std::max<uint64_t>(item.announced_bytes, item.file.size()));
  } else {
    item.file += chunk.data();
  }
  if (chunk.last()) return Complete(chunk.id(), item);
  if (item.judged || item.file.size() < kDecisionBytes) return std::nullopt;
  item.judged = true;
  if (absl::Status status = JudgeBody(item); !status.ok()) {
    return Refuse(chunk.id(), item, std::move(status));
  }
  return std::nullopt;
}

absl::Status StreamItems::CountBytes(Item& item, uint64_t bytes) {
  if (bytes_ + bytes > window_.max_bytes) return WindowExceeded("bytes", window_.max_bytes);
  bytes_ += bytes;
  item.counted_bytes += bytes;
  return absl::OkStatus();
}

absl::Status StreamItems::JudgeBody(Item& item) const {
  TESSERA_ASSIGN_OR_RETURN(const HeaderPeek peek, PeekHeader(item.file));
  TESSERA_RETURN_IF_ERROR(CheckPeek(peek, limits_));
  if (item.announced_bytes == 0) return absl::OkStatus();
  return judge_(peek, item.announced_bytes, item.options);
}

StreamItems::Next StreamItems::Refuse(const std::string& id, Item& item, absl::Status why) {
  item.complete = true;
  std::string().swap(item.file);
  return {.id = id, .refusal = std::move(why)};
}

StreamItems::Next StreamItems::Complete(const std::string& id, Item& item) {
  item.complete = true;
  return {.id = id, .file = item.file, .options = item.options};
}

std::vector<StreamItems::Next> StreamItems::CutOff() {
  MutexLock lock(&mutex_);
  std::vector<Next> cut;
  for (auto& [id, item] : items_) {
    if (item.complete) continue;
    cut.push_back(
        Refuse(id, item, MalformedStreamError("the stream ended before the picture's last piece")));
  }
  return cut;
}

void StreamItems::Forget(const std::string& id) {
  MutexLock lock(&mutex_);
  if (const auto found = items_.find(id); found != items_.end()) {
    std::string().swap(found->second.file);
  }
}

void StreamItems::Answered(const std::string& id) {
  MutexLock lock(&mutex_);
  const auto found = items_.find(id);
  if (found == items_.end()) return;
  bytes_ -= found->second.counted_bytes;
  items_.erase(found);
}

}  // namespace tessera::preprocess
