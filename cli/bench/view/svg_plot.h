// SPDX-License-Identifier: Apache-2.0
//
// Plots as inline SVG. Colours are the page's CSS variables --s1 ... --s6, --ink, --dim and --grid,
// so that one drawing is readable in light and dark.
#ifndef TESSERA_CLI_BENCH_VIEW_SVG_PLOT_H_
#define TESSERA_CLI_BENCH_VIEW_SVG_PLOT_H_

#include <string>
#include <string_view>
#include <vector>

namespace tessera::bench {

// `text` in an HTML or SVG document.
std::string Escaped(std::string_view text);

// Round numbers that part [low, high] into about `count` steps; at least two, ascending.
std::vector<double> AxisTicks(double low, double high, int count);

struct PlotPoint {
  double x = 0;
  double y = 0;
  double low = 0, high = 0;  // A whisker; none where both equal y.
  std::string label;         // Beside the point; may be empty.
};

struct PlotLine {
  std::string name;
  std::vector<PlotPoint> points;  // In ascending order of x, or along the curve.
};

// Lines over two axes that begin at 0.
std::string LinePlot(std::string_view x_name, std::string_view y_name,
                     const std::vector<PlotLine>& lines);

struct PlotRow {
  std::string name;
  std::vector<double> values;
};

// For each row its quartiles as a box, its median as a stroke, and every value as a dot.
std::string BoxPlot(std::string_view x_name, const std::vector<PlotRow>& rows);

// For each row a bar of parts, one for each of `parts`, whose values stand in that order.
std::string StackedBars(std::string_view x_name, const std::vector<std::string>& parts,
                        const std::vector<PlotRow>& rows);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_VIEW_SVG_PLOT_H_
