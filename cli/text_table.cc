// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/terminal/safe_text.h"

namespace tessera::cli {

void TextTable::Add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = SafeWord(cell);
  rows_.push_back(std::move(row));
}

std::string TextTable::Aligned(const Pen& pen) const {
  std::vector<size_t> widths;
  for (const std::string& cell : header_) widths.push_back(cell.size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  const auto line = [&](const std::vector<std::string>& row) {
    std::string text;
    for (size_t i = 0; i + 1 < row.size(); ++i) text += fmt::format("{:<{}}  ", row[i], widths[i]);
    return text + row.back();
  };
  std::string table = pen(Ink::kDim, line(header_)) + "\n";
  for (const auto& row : rows_) table += line(row) + "\n";
  return table;
}

std::string TextTable::Plain() const {
  std::string table;
  for (const auto& row : rows_) table += fmt::format("{}\n", fmt::join(row, "\t"));
  return table;
}

}  // namespace tessera::cli
