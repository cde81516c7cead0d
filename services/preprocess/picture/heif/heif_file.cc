// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/heif/heif_file.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "services/preprocess/picture/byte_reader.h"

namespace tessera::preprocess {
namespace {

// Far more than anybody writes; a bound on the time and memory that a file can cost here.
constexpr uint64_t kMaxItems = 1000;
constexpr uint64_t kMaxExtents = 1000;
constexpr size_t kMaxConfigurations = 16;
constexpr int kMaxBoxes = 10'000;

struct Box {
  std::string_view name;
  std::string_view content;
};

// The boxes that lie one after the other in `content`.
class Boxes {
 public:
  explicit Boxes(std::string_view content) : content_(content) {}

  std::optional<Box> Next() {
    auto bytes = ReadBigEndian(content_, 0, 4);
    if (!bytes || content_.size() < 8 || ++count_ > kMaxBoxes) return std::nullopt;
    size_t header = 8;
    if (*bytes == 1) {
      bytes = ReadBigEndian(content_, 8, 8);
      header = 16;
    } else if (*bytes == 0) {
      bytes = content_.size();
    }
    if (!bytes || *bytes < header) return std::nullopt;
    const Box box{content_.substr(4, 4),
                  content_.substr(std::min(header, content_.size()), *bytes - header)};
    content_.remove_prefix(std::min<uint64_t>(*bytes, content_.size()));
    return box;
  }

 private:
  std::string_view content_;
  int count_ = 0;
};

// Numbers of a box one after the other. Once something is missing, all is zero.
class Numbers {
 public:
  explicit Numbers(std::string_view content) : content_(content) {}

  uint64_t Take(size_t bytes) {
    if (bytes == 0) return 0;
    const auto value = ReadBigEndian(content_, at_, bytes);
    at_ = value ? at_ + bytes : content_.size();
    return value.value_or(0);
  }
  bool AtEnd() const { return at_ >= content_.size(); }

 private:
  std::string_view content_;
  size_t at_ = 0;
};

using Types = std::map<uint64_t, std::string>;

Types ReadItemTypes(std::string_view iinf, HeifFile& found) {
  Types types;
  const bool wide = !iinf.empty() && iinf[0] != 0;
  Boxes boxes(iinf.substr(std::min<size_t>(iinf.size(), wide ? 8 : 6)));
  while (const auto box = boxes.Next()) {
    if (box->name != "infe" || box->content.size() < 12) continue;
    if (types.size() == kMaxItems) {
      found.overfull = true;
      break;
    }
    const size_t id_bytes = box->content[0] == 2 ? 2 : 4;
    const auto id = ReadBigEndian(box->content, 4, id_bytes);
    types[id.value_or(0)] = std::string(box->content.substr(4 + id_bytes + 2, 4));
  }
  return types;
}

void ReadProperties(std::string_view iprp, HeifFile& found) {
  Boxes boxes(iprp);
  while (const auto box = boxes.Next()) {
    if (box->name != "ipco") continue;
    Boxes properties(box->content);
    while (const auto property = properties.Next()) {
      if (property->name == "ispe") {
        const uint64_t width = ReadBigEndian(property->content, 4, 4).value_or(0);
        const uint64_t height = ReadBigEndian(property->content, 8, 4).value_or(0);
        if (width * height > found.stated_width_px * found.stated_height_px) {
          found.stated_width_px = width;
          found.stated_height_px = height;
        }
      } else if (property->name == "av1C" || property->name == "hvcC") {
        found.overfull |= found.configurations.size() == kMaxConfigurations;
        if (!found.overfull) found.configurations.push_back(property->content);
      } else if (property->name == "colr" &&
                 (property->content.starts_with("prof") || property->content.starts_with("rICC"))) {
        found.icc_profile_bytes =
            std::max<uint64_t>(found.icc_profile_bytes, property->content.size() - 4);
      }
    }
  }
}

// Collects the payloads of coded pictures from where the iloc box says they lie.
class Places {
 public:
  Places(std::string_view file, std::string_view idat, const Types& types)
      : file_(file), idat_(idat), types_(types) {}

  void Read(std::string_view iloc, HeifFile& found) {
    Numbers numbers(iloc);
    const uint64_t version = numbers.Take(1);
    numbers.Take(3);
    const uint64_t sizes = numbers.Take(2);
    const size_t offset_bytes = sizes >> 12 & 15, length_bytes = sizes >> 8 & 15;
    const size_t base_bytes = sizes >> 4 & 15, index_bytes = version == 0 ? 0 : sizes & 15;
    if (std::max({offset_bytes, length_bytes, base_bytes, index_bytes}) > 8) return;
    const uint64_t items = numbers.Take(version == 2 ? 4 : 2);
    found.overfull |= items > kMaxItems;
    for (uint64_t i = 0; i < std::min(items, kMaxItems) && !numbers.AtEnd(); ++i) {
      const uint64_t id = numbers.Take(version == 2 ? 4 : 2);
      const uint64_t method = version == 0 ? 0 : numbers.Take(2) & 15;
      numbers.Take(2);
      const uint64_t base = numbers.Take(base_bytes);
      const uint64_t extents = numbers.Take(2);
      const auto type = types_.find(id);
      HeifItem item{type == types_.end() ? "" : type->second, {}};
      const bool coded = item.type == "av01" || item.type == "hvc1" || item.type == "hev1";
      found.overfull |= extents > kMaxExtents;
      for (uint64_t e = 0; e < std::min(extents, kMaxExtents) && !numbers.AtEnd(); ++e) {
        numbers.Take(index_bytes);
        const uint64_t offset = base + numbers.Take(offset_bytes);
        const uint64_t length = numbers.Take(length_bytes);
        if (coded && !Append(method == 1 ? idat_ : file_, offset, length, item)) {
          found.overfull = true;
          return;
        }
      }
      if (coded) found.items.push_back(std::move(item));
    }
  }

 private:
  // False when all items together have more bytes than the file: they share them, again and again.
  bool Append(std::string_view from, uint64_t offset, uint64_t length, HeifItem& item) {
    if (offset >= from.size()) return true;
    const std::string_view extent = from.substr(offset, length == 0 ? from.npos : length);
    taken_ += extent.size();
    if (taken_ > file_.size()) return false;
    item.payload.append(extent);
    return true;
  }

  const std::string_view file_;
  const std::string_view idat_;
  const Types& types_;
  size_t taken_ = 0;
};

}  // namespace

HeifFile ReadHeifFile(std::string_view file) {
  HeifFile found;
  Boxes top(file);
  while (const auto box = top.Next()) {
    if (box->name != "meta" || box->content.size() < 4) continue;
    std::string_view iloc, idat, iinf;
    Boxes inner(box->content.substr(4));
    while (const auto part = inner.Next()) {
      if (part->name == "iloc") iloc = part->content;
      if (part->name == "idat") idat = part->content;
      if (part->name == "iinf") iinf = part->content;
      if (part->name == "iprp") ReadProperties(part->content, found);
    }
    const Types types = ReadItemTypes(iinf, found);
    Places(file, idat, types).Read(iloc, found);
  }
  return found;
}

}  // namespace tessera::preprocess
