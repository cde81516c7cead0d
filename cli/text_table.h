// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_TEXT_TABLE_H_
#define TESSERA_CLI_TEXT_TABLE_H_

#include <string>
#include <vector>

#include "cli/terminal/ink.h"

namespace tessera::cli {

// Rows of cells, made safe for a terminal.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) : header_(std::move(header)) {}

  // As many cells as the header has.
  void Add(std::vector<std::string> row);

  // Columns of equal width under a header.
  std::string Aligned(const Pen& pen) const;
  // One row per line, cells parted by tabs, no header.
  std::string Plain() const;

 private:
  const std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_TEXT_TABLE_H_
