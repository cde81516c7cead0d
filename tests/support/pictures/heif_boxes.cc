// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/heif_boxes.h"

#include <cstdint>
#include <cstdlib>

#include "tests/support/pictures/png_parts.h"

namespace tessera::testing {
namespace {

uint64_t Read(const std::string& file, size_t at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<uint8_t>(file[at + i]);
  return value;
}

void Write(std::string& file, size_t at, uint64_t value, size_t bytes) {
  file.replace(at, bytes, BigEndian(value, static_cast<int>(bytes)));
}

// Where the box of that name starts, among those from `begin` to `end`.
size_t FindBox(const std::string& file, size_t begin, size_t end, const char* name) {
  for (size_t at = begin; at + 8 <= end; at += Read(file, at, 4)) {
    if (file.compare(at + 4, 4, name) == 0) return at;
  }
  std::abort();
}

size_t EndOf(const std::string& file, size_t box) { return box + Read(file, box, 4); }

void Grow(std::string& file, size_t box, size_t bytes) {
  Write(file, box, Read(file, box, 4) + bytes, 4);
}

// Everything behind `meta` has moved by `bytes`: the list of places has to say so.
void MovePlaces(std::string& file, size_t iloc, size_t bytes) {
  const uint64_t version = Read(file, iloc + 8, 1);
  const size_t offset_bytes = Read(file, iloc + 12, 1) >> 4;
  const size_t length_bytes = Read(file, iloc + 12, 1) & 15;
  const size_t base_bytes = Read(file, iloc + 13, 1) >> 4;
  const size_t index_bytes = version == 0 ? 0 : Read(file, iloc + 13, 1) & 15;
  if (version > 1) std::abort();
  const uint64_t items = Read(file, iloc + 14, 2);
  size_t at = iloc + 16;
  for (uint64_t item = 0; item < items; ++item) {
    at += 2;
    const uint64_t method = version == 1 ? Read(file, at, 2) & 15 : 0;
    at += (version == 1 ? 2u : 0u) + 2 + base_bytes;
    const uint64_t extents = Read(file, at, 2);
    at += 2;
    for (uint64_t extent = 0; extent < extents; ++extent) {
      at += index_bytes;
      // Method 1 counts within `meta`, from a place that did not move.
      if (method == 0) Write(file, at, Read(file, at, offset_bytes) + bytes, offset_bytes);
      at += offset_bytes + length_bytes;
    }
  }
}

// Adds a property to the list of all, and to that of the first item.
std::string WithProperty(std::string file, const char* name, int value) {
  const size_t meta = FindBox(file, 0, file.size(), "meta");
  const size_t inner = meta + 12;
  const size_t iprp = FindBox(file, inner, EndOf(file, meta), "iprp");
  const size_t ipco = FindBox(file, iprp + 8, EndOf(file, iprp), "ipco");
  uint64_t index = 1;
  for (size_t at = ipco + 8; at < EndOf(file, ipco); at += Read(file, at, 4)) ++index;
  const std::string property = BigEndian(9, 4) + name + static_cast<char>(value);
  file.insert(EndOf(file, ipco), property);
  Grow(file, ipco, property.size());

  Grow(file, iprp, property.size());
  const size_t ipma = FindBox(file, iprp + 8, EndOf(file, iprp), "ipma");
  if (Read(file, ipma + 8, 4) != 0) std::abort();  // Version 0, one byte per property.
  const size_t count_at = ipma + 8 + 4 + 4 + 2;
  const uint64_t count = Read(file, count_at, 1);
  // Essential: a viewer that does not know it must not show the picture.
  file.insert(count_at + 1 + count, 1, static_cast<char>(0x80 | index));
  Write(file, count_at, count + 1, 1);
  Grow(file, ipma, 1);
  Grow(file, iprp, 1);
  Grow(file, meta, property.size() + 1);
  MovePlaces(file, FindBox(file, inner, EndOf(file, meta), "iloc"), property.size() + 1);
  return file;
}

}  // namespace

std::string WithHeifRotation(const std::string& file, int quarter_turns) {
  return WithProperty(file, "irot", quarter_turns);
}

std::string WithHeifMirror(const std::string& file, int axis) {
  return WithProperty(file, "imir", axis);
}

}  // namespace tessera::testing
