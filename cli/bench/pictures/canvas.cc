// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/pictures/canvas.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tessera::bench {

Canvas::Canvas(int width, int height, Colour background)
    : width_(width), height_(height), pixels_(static_cast<size_t>(width) * height * 3) {
  Rectangle(0, 0, 1, 1, background);
}

void Canvas::Set(int x, int y, Colour colour) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  uint8_t* const pixel = &pixels_[(static_cast<size_t>(y) * width_ + x) * 3];
  pixel[0] = colour.red;
  pixel[1] = colour.green;
  pixel[2] = colour.blue;
}

void Canvas::Rectangle(double left, double top, double right, double bottom, Colour colour) {
  const int x0 = std::max(0, static_cast<int>(std::lround(left * width_)));
  const int y0 = std::max(0, static_cast<int>(std::lround(top * height_)));
  // What is drawn is at least a pixel wide, or fine lines vanish at small sizes.
  const int x1 = std::min(width_, std::max(x0 + 1, static_cast<int>(std::lround(right * width_))));
  const int y1 =
      std::min(height_, std::max(y0 + 1, static_cast<int>(std::lround(bottom * height_))));
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) Set(x, y, colour);
  }
}

void Canvas::Disc(double x, double y, double radius, Colour colour) {
  const double r = radius * std::min(width_, height_);
  const double cx = x * width_, cy = y * height_;
  for (int row = static_cast<int>(cy - r); row <= static_cast<int>(cy + r); ++row) {
    const double dy = row + 0.5 - cy;
    if (std::abs(dy) > r) continue;
    const double half = std::sqrt(r * r - dy * dy);
    for (int column = static_cast<int>(cx - half); column < static_cast<int>(cx + half); ++column) {
      Set(column, row, colour);
    }
  }
}

void Canvas::Polygon(const std::vector<std::pair<double, double>>& corners, Colour colour) {
  for (int row = 0; row < height_; ++row) {
    const double y = row + 0.5;
    std::vector<double> crossings;
    for (size_t i = 0; i < corners.size(); ++i) {
      const auto& [ax, ay] = corners[i];
      const auto& [bx, by] = corners[(i + 1) % corners.size()];
      const double y0 = ay * height_, y1 = by * height_;
      if ((y0 <= y) == (y1 <= y)) continue;
      crossings.push_back((ax + (y - y0) / (y1 - y0) * (bx - ax)) * width_);
    }
    std::sort(crossings.begin(), crossings.end());
    for (size_t i = 0; i + 1 < crossings.size(); i += 2) {
      for (int x = static_cast<int>(crossings[i]); x < static_cast<int>(crossings[i + 1]); ++x) {
        Set(x, row, colour);
      }
    }
  }
}

}  // namespace tessera::bench
