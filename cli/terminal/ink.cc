// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/ink.h"

#include <fmt/format.h>

namespace tessera::cli {
namespace {

std::string_view CodeOf(Ink ink) {
  switch (ink) {
    case Ink::kPlain:
      return "0";
    case Ink::kBold:
      return "1";
    case Ink::kDim:
      return "2";
    case Ink::kRed:
      return "1;31";
    case Ink::kGreen:
      return "32";
    case Ink::kYellow:
      return "33";
    case Ink::kCyan:
      return "36";
  }
  return "0";
}

}  // namespace

std::string Pen::operator()(Ink ink, std::string_view text) const {
  if (!colored_ || ink == Ink::kPlain || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", CodeOf(ink), text);
}

}  // namespace tessera::cli
