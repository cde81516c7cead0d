// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/view/svg_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/bench/statistics/distribution.h"

namespace tessera::bench {
namespace {

constexpr double kWidth = 760;
constexpr double kRowHeight = 26;
constexpr double kCharacter = 6.6;  // Width of one at the page's 12 px.
constexpr size_t kMostDots = 300;
constexpr size_t kSeries = 7;

std::string Number(double value) {
  if (value == 0) return "0";
  const double size = std::abs(value);
  if (size >= 10'000) return fmt::format("{:.0f}k", value / 1000);
  if (size >= 100) return fmt::format("{:.0f}", value);
  std::string text = fmt::format("{:.{}f}", value, size >= 10 ? 1 : size >= 0.1 ? 2 : 4);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string Text(double x, double y, std::string_view anchor, std::string_view text,
                 std::string_view style = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" {}>{}</text>", x, y,
                     anchor, style, Escaped(text));
}

std::string Stroke(double x1, double y1, double x2, double y2, std::string_view colour,
                   double width = 1) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"var({})\" "
      "stroke-width=\"{}\"/>",
      x1, y1, x2, y2, colour, width);
}

std::string Colour(size_t series) { return fmt::format("--s{}", series % kSeries + 1); }

std::string Open(double height, std::string_view what) {
  return fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\" "
      "xmlns=\"http://www.w3.org/2000/svg\">",
      kWidth, height, Escaped(what));
}

// Where values lie on a horizontal axis.
class Scale {
 public:
  Scale(double low, double high, double from, double to)
      : ticks_(AxisTicks(low, high, 6)), from_(from), to_(to) {}
  double At(double value) const {
    return from_ + (value - ticks_.front()) / (ticks_.back() - ticks_.front()) * (to_ - from_);
  }
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  std::vector<double> ticks_;
  double from_, to_;
};

std::string HorizontalAxis(const Scale& scale, double top, double bottom, std::string_view name,
                           double left) {
  std::string svg;
  for (const double tick : scale.ticks()) {
    const double x = scale.At(tick);
    svg += Stroke(x, top, x, bottom, "--grid");
    svg += Text(x, bottom + 15, "middle", Number(tick), "class=\"dim\"");
  }
  return svg + Text((left + kWidth) / 2, bottom + 32, "middle", name, "class=\"dim\"");
}

double LeftMargin(const std::vector<PlotRow>& rows) {
  size_t longest = 0;
  for (const PlotRow& row : rows) longest = std::max(longest, row.name.size());
  return std::min(300.0, 14 + kCharacter * static_cast<double>(longest));
}

std::string Legend(const std::vector<std::string>& names, double y) {
  std::string svg;
  double x = 4;
  for (size_t i = 0; i < names.size(); ++i) {
    const double width = 30 + kCharacter * static_cast<double>(names[i].size());
    if (x + width > kWidth) break;
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"11\" height=\"11\" rx=\"2\" fill=\"var({})\"/>", x,
        y - 10, Colour(i));
    svg += Text(x + 16, y, "start", names[i]);
    x += width;
  }
  return svg;
}

}  // namespace

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::vector<double> AxisTicks(double low, double high, int count) {
  if (!(high > low)) high = low + 1;
  const double rough = (high - low) / std::max(count, 1);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = power;
  for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    step = factor * power;
    if (step >= rough * 0.999) break;
  }
  std::vector<double> ticks;
  const double first = std::floor(low / step + 1e-9);
  for (double i = first; ticks.size() < 2 || ticks.back() < high - step * 1e-6; ++i) {
    ticks.push_back(i * step);
  }
  return ticks;
}

std::string LinePlot(std::string_view x_name, std::string_view y_name,
                     const std::vector<PlotLine>& lines) {
  constexpr double kHeight = 330, kLeft = 62, kTop = 34, kBottom = 280;
  double x_high = 0, y_high = 0;
  std::vector<std::string> names;
  for (const PlotLine& line : lines) {
    names.push_back(line.name);
    for (const PlotPoint& point : line.points) {
      x_high = std::max(x_high, point.x);
      y_high = std::max({y_high, point.y, point.high});
    }
  }
  const Scale x_scale(0, x_high, kLeft, kWidth - 30);
  const Scale y_scale(0, y_high, kBottom, kTop);
  std::string svg = Open(kHeight, fmt::format("{} over {}", y_name, x_name));
  svg += Legend(names, 14);
  svg += HorizontalAxis(x_scale, kTop, kBottom, x_name, kLeft);
  for (const double tick : y_scale.ticks()) {
    svg += Stroke(kLeft, y_scale.At(tick), kWidth - 30, y_scale.At(tick), "--grid");
    svg += Text(kLeft - 6, y_scale.At(tick) + 4, "end", Number(tick), "class=\"dim\"");
  }
  svg += fmt::format(
      "<text transform=\"translate(14 {:.0f}) rotate(-90)\" text-anchor=\"middle\" "
      "class=\"dim\">{}</text>",
      (kTop + kBottom) / 2, Escaped(y_name));
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string colour = Colour(i);
    std::string path;
    for (const PlotPoint& point : lines[i].points) {
      path += fmt::format("{}{:.1f} {:.1f} ", path.empty() ? "M" : "L", x_scale.At(point.x),
                          y_scale.At(point.y));
    }
    svg += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"var({})\" stroke-width=\"2\"/>", path,
                       colour);
    for (const PlotPoint& point : lines[i].points) {
      const double x = x_scale.At(point.x), y = y_scale.At(point.y);
      if (point.high > point.low) {
        svg += Stroke(x, y_scale.At(point.low), x, y_scale.At(point.high), colour, 1.2);
      }
      svg += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"var({})\"><title>{}: {} at {}</title>"
          "</circle>",
          x, y, colour, Escaped(lines[i].name), Number(point.y), Number(point.x));
      if (!point.label.empty()) svg += Text(x + 7, y - 7, "start", point.label, "class=\"dim\"");
    }
  }
  return svg + "</svg>";
}

std::string BoxPlot(std::string_view x_name, const std::vector<PlotRow>& rows) {
  const double left = LeftMargin(rows), top = 8;
  const double bottom = top + kRowHeight * static_cast<double>(rows.size());
  double low = 0, high = 0;
  for (const PlotRow& row : rows) {
    for (const double value : row.values) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  const Scale scale(low, high, left, kWidth - 30);
  std::string svg = Open(bottom + 40, fmt::format("distribution of {}", x_name));
  svg += HorizontalAxis(scale, top, bottom, x_name, left);
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<double> sorted = rows[i].values;
    std::sort(sorted.begin(), sorted.end());
    if (sorted.empty()) continue;
    const double y = top + kRowHeight * (static_cast<double>(i) + 0.5);
    svg += Text(left - 8, y + 4, "end", rows[i].name);
    const double q1 = scale.At(Percentile(sorted, 0.25)), q3 = scale.At(Percentile(sorted, 0.75));
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"14\" rx=\"2\" "
        "fill=\"var(--s1)\" "
        "fill-opacity=\"0.22\" stroke=\"var(--s1)\"/>",
        q1, y - 7, std::max(1.0, q3 - q1));
    const size_t step = sorted.size() / kMostDots + 1;
    for (size_t k = 0; k < sorted.size(); k += step) {
      svg += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.2\" fill=\"var(--s1)\" "
          "fill-opacity=\"0.55\"/>",
          scale.At(sorted[k]), y);
    }
    const double median = Percentile(sorted, 0.5);
    svg += Stroke(scale.At(median), y - 9, scale.At(median), y + 9, "--ink", 2);
    svg += fmt::format("<title>{}</title>", Escaped(x_name));
  }
  return svg + "</svg>";
}

std::string StackedBars(std::string_view x_name, const std::vector<std::string>& parts,
                        const std::vector<PlotRow>& rows) {
  const double left = LeftMargin(rows), top = 30;
  const double bottom = top + kRowHeight * static_cast<double>(rows.size());
  double high = 0;
  for (const PlotRow& row : rows) {
    double sum = 0;
    for (const double value : row.values) sum += value;
    high = std::max(high, sum);
  }
  const Scale scale(0, high, left, kWidth - 60);
  std::string svg = Open(bottom + 40, x_name);
  svg += Legend(parts, 14);
  svg += HorizontalAxis(scale, top, bottom, x_name, left);
  for (size_t i = 0; i < rows.size(); ++i) {
    const double y = top + kRowHeight * (static_cast<double>(i) + 0.5);
    svg += Text(left - 8, y + 4, "end", rows[i].name);
    double sum = 0;
    for (size_t part = 0; part < rows[i].values.size(); ++part) {
      const double value = rows[i].values[part];
      const double from = scale.At(sum), to = scale.At(sum + value);
      sum += value;
      if (to - from < 0.3) continue;
      svg += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"16\" fill=\"var({})\">"
          "<title>{}: {}</title></rect>",
          from, y - 8, to - from, Colour(part), Escaped(parts[part]), Number(value));
    }
    svg += Text(scale.At(sum) + 6, y + 4, "start", Number(sum), "class=\"dim\"");
  }
  return svg + "</svg>";
}

}  // namespace tessera::bench
