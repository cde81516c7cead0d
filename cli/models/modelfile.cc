// SPDX-License-Identifier: Apache-2.0
#include "cli/models/modelfile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

constexpr std::string_view kTripleQuote = "\"\"\"";

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

// The first word, and what follows it.
std::pair<std::string_view, std::string_view> SplitWord(std::string_view text) {
  const size_t end = std::min(text.find_first_of(" \t"), text.size());
  return {text.substr(0, end), Trim(text.substr(end))};
}

absl::Status Wrong(int line, std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                   fmt::format("line {} of the Modelfile {}", line, what));
}

// Hands out lines and counts them.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool Next(std::string_view* line) {
    if (rest_.empty()) return false;
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    *line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    return true;
  }
  int number() const { return number_; }

  // The value that begins with `value` on the current line; it may go on over further lines.
  absl::StatusOr<std::string> Value(std::string_view value) {
    if (value.starts_with(kTripleQuote)) return UpToTripleQuote(value.substr(3));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      return std::string(value.substr(1, value.size() - 2));
    }
    return std::string(value);
  }

 private:
  absl::StatusOr<std::string> UpToTripleQuote(std::string_view first) {
    const int begins_at = number_;
    std::string text;
    std::string_view line = first;
    while (true) {
      if (const size_t end = line.find(kTripleQuote); end != line.npos) {
        return text + std::string(line.substr(0, end));
      }
      text += std::string(line) + "\n";
      if (!Next(&line)) return Wrong(begins_at, "opens \"\"\" that nothing closes");
    }
  }

  std::string_view rest_;
  int number_ = 0;
};

absl::Status TakeInstruction(const std::string& keyword, std::string value, int line,
                             Modelfile& file) {
  if (value.empty()) return Wrong(line, fmt::format("has {} without a value", keyword));
  if (keyword == "FROM") {
    file.from.push_back(std::move(value));
  } else if (keyword == "ADAPTER") {
    file.adapters.push_back(std::move(value));
  } else if (keyword == "TEMPLATE") {
    file.template_text = std::move(value);
  } else if (keyword == "SYSTEM") {
    file.system = std::move(value);
  } else if (keyword == "LICENSE") {
    file.licenses.push_back(std::move(value));
  } else if (keyword == "RENDERER") {
    file.renderer = std::move(value);
  } else if (keyword == "PARSER") {
    file.parser = std::move(value);
  } else if (keyword == "REQUIRES") {
    file.ignored.push_back("REQUIRES " + value);
  } else {
    return Wrong(line, fmt::format("begins with {}, which is no instruction", keyword));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Modelfile> ParseModelfile(std::string_view text) {
  Modelfile file;
  Lines lines(text);
  std::string_view raw;
  while (lines.Next(&raw)) {
    const std::string_view line = Trim(raw);
    if (line.empty() || line.front() == '#') continue;
    const int number = lines.number();
    const auto [first, rest] = SplitWord(line);
    const std::string keyword = Upper(first);
    if (keyword == "PARAMETER" || keyword == "MESSAGE") {
      const auto [name, value] = SplitWord(rest);
      if (value.empty()) return Wrong(number, fmt::format("has {} without a value", keyword));
      TESSERA_ASSIGN_OR_RETURN(std::string whole, lines.Value(value));
      auto& list = keyword == "MESSAGE" ? file.messages : file.parameters;
      list.emplace_back(std::string(name), std::move(whole));
      continue;
    }
    TESSERA_ASSIGN_OR_RETURN(std::string value, lines.Value(rest));
    TESSERA_RETURN_IF_ERROR(TakeInstruction(keyword, std::move(value), number, file));
  }
  if (file.from.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                     "the Modelfile has no FROM");
  }
  return file;
}

}  // namespace tessera::cli
