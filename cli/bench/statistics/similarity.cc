// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/similarity.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace tessera::bench {
namespace {

constexpr size_t kMostWords = 2000;
constexpr std::string_view kBlanks = " \t\r\n";

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  while (words.size() < kMostWords) {
    const size_t begin = text.find_first_not_of(kBlanks);
    if (begin == text.npos) break;
    const size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
  return words;
}

}  // namespace

double WordSimilarity(std::string_view first, std::string_view second) {
  const auto from = Words(first);
  const auto to = Words(second);
  const size_t longer = std::max(from.size(), to.size());
  if (longer == 0) return 1;
  std::vector<size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < from.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < to.size(); ++j) {
      const size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return 1 - static_cast<double>(row.back()) / static_cast<double>(longer);
}

double JsonAgreement(std::string_view first, std::string_view second) {
  const auto one = nlohmann::json::parse(first, nullptr, /*allow_exceptions=*/false);
  const auto two = nlohmann::json::parse(second, nullptr, /*allow_exceptions=*/false);
  if (one.is_discarded() || two.is_discarded()) return 0;
  // flatten() takes an array or object only.
  const auto left = nlohmann::json{{"v", one}}.flatten();
  const auto right = nlohmann::json{{"v", two}}.flatten();
  std::set<std::string> paths;
  for (const auto& [path, value] : left.items()) paths.insert(path);
  for (const auto& [path, value] : right.items()) paths.insert(path);
  size_t equal = 0;
  for (const std::string& path : paths) {
    equal += left.contains(path) && right.contains(path) && left[path] == right[path] ? 1 : 0;
  }
  return paths.empty() ? 1 : static_cast<double>(equal) / static_cast<double>(paths.size());
}

}  // namespace tessera::bench
