// SPDX-License-Identifier: Apache-2.0
#include "cli/batch_items.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "cli/local_file.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;
using nlohmann::json;

absl::Status BadLine(int number, std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                   fmt::format("line {}: {}", number, what));
}

absl::StatusOr<BatchItem> ParseLine(std::string_view line, int number) {
  json document = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return BadLine(number, "it is no JSON object");
  BatchItem item;
  if (const auto pictures = document.find("pictures"); pictures != document.end()) {
    if (!pictures->is_array()) return BadLine(number, "\"pictures\" is no list of paths");
    for (const json& path : *pictures) {
      if (!path.is_string()) return BadLine(number, "\"pictures\" is no list of paths");
      item.pictures.push_back(path.get<std::string>());
    }
    document.erase(pictures);
  }
  if (const auto prompt = document.find("prompt"); prompt != document.end()) {
    json text = *prompt;
    document.erase(prompt);
    json& generate = document["generate"];
    if (!text.is_string() || !(generate.is_null() || generate.is_object()) ||
        generate.contains("messages")) {
      return BadLine(number, "\"prompt\" is a text, in the place of generate.messages");
    }
    generate["messages"] = json::array({{{"role", "ROLE_USER"}, {"text", std::move(text)}}});
  }
  const auto status = google::protobuf::util::JsonStringToMessage(document.dump(), &item.request);
  if (!status.ok()) return BadLine(number, std::string(status.message()));
  if (item.request.id().empty()) item.request.set_id(std::to_string(number));
  if (item.request.item_case() == api::BatchRequest::ITEM_NOT_SET) {
    return BadLine(number, "it has none of \"generate\", \"classify\", \"embed\" and \"prompt\"");
  }
  const bool takes_pictures =
      item.request.has_classify() ||
      (item.request.has_generate() && !item.request.generate().messages().empty());
  if (!item.pictures.empty() && !takes_pictures) {
    return BadLine(number, "its pictures belong to nothing");
  }
  return item;
}

}  // namespace

absl::StatusOr<std::vector<BatchItem>> ParseBatchItems(std::string_view text) {
  std::vector<BatchItem> items;
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    TESSERA_ASSIGN_OR_RETURN(BatchItem item, ParseLine(line, number));
    items.push_back(std::move(item));
  }
  return items;
}

absl::StatusOr<api::BatchRequest> LoadPictures(BatchItem item) {
  for (const std::string& path : item.pictures) {
    TESSERA_ASSIGN_OR_RETURN(std::string content, ReadFile(path, kMaxPictureBytes));
    image::v1::Image& image =
        item.request.has_classify()
            ? *item.request.mutable_classify()->add_images()
            : *item.request.mutable_generate()->mutable_messages()->rbegin()->add_images();
    image.set_content(std::move(content));
  }
  return std::move(item.request);
}

}  // namespace tessera::cli
