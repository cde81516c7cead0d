// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/view/figure_text.h"

#include <fmt/format.h>

#include <cmath>

namespace tessera::bench {

std::string FigureText(double value) {
  const double size = std::abs(value);
  if (size >= 1000) {
    std::string text = fmt::format("{:.0f}", value);
    for (int at = static_cast<int>(text.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3) {
      text.insert(static_cast<size_t>(at), ",");
    }
    return text;
  }
  if (size >= 100) return fmt::format("{:.1f}", value);
  if (size >= 10) return fmt::format("{:.2f}", value);
  if (size >= 1) return fmt::format("{:.3f}", value);
  if (size == 0) return "0";
  return size >= 0.001 ? fmt::format("{:.4f}", value) : fmt::format("{:.2e}", value);
}

std::string FindingText(const Finding& finding) {
  std::string text;
  if (!finding.text.empty() && finding.unit == "verdict") return finding.text;
  text = FigureText(finding.value);
  if (finding.low && finding.high) {
    text += fmt::format(" [{}, {}]", FigureText(*finding.low), FigureText(*finding.high));
  }
  if (!finding.unit.empty()) text += " " + finding.unit;
  if (finding.goal) {
    text += fmt::format(", goal {} {}: ", finding.better == Better::kLower ? "<=" : ">=",
                        FigureText(*finding.goal));
    switch (*finding.Judge()) {
      case GoalOutcome::kMet:
        text += "met";
        break;
      case GoalOutcome::kMissed:
        text += "missed";
        break;
      case GoalOutcome::kUndecided:
        text += "undecided, more runs are needed";
        break;
    }
  }
  if (!finding.text.empty()) text += " (" + finding.text + ")";
  return text;
}

}  // namespace tessera::bench
