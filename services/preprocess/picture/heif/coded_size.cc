// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/heif/coded_size.h"

namespace tessera::preprocess {
namespace {

// An av1C box starts with a mark and its version, an hvcC box with its version alone.
bool IsAv1(std::string_view configuration) { return configuration.starts_with('\x81'); }

constexpr size_t kAv1SetUpStart = 4;

}  // namespace

CodedSize LargestCodedSize(const HeifFile& file) {
  CodedSize largest;
  for (const HeifItem& item : file.items) {
    largest = Larger(largest, item.type == "av01" ? LargestAv1Size({}, item.payload)
                                                  : LargestHevcSizeOfUnits(item.payload));
  }
  for (std::string_view configuration : file.configurations) {
    if (!IsAv1(configuration)) {
      largest = Larger(largest, LargestHevcSize(configuration));
      continue;
    }
    if (configuration.size() <= kAv1SetUpStart) continue;
    configuration.remove_prefix(kAv1SetUpStart);
    // Which goes with which is said elsewhere, and may be said wrongly.
    for (const HeifItem& item : file.items) {
      if (item.type == "av01")
        largest = Larger(largest, LargestAv1Size(configuration, item.payload));
    }
  }
  return largest;
}

}  // namespace tessera::preprocess
