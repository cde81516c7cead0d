// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/drawing.h"

#include <algorithm>
#include <cmath>

namespace tessera::testing {
namespace {

struct Glyph {
  char letter;
  uint8_t rows[7];  // Five bits each, the leftmost pixel is the highest.
};

constexpr Glyph kGlyphs[] = {
    {'A', {14, 17, 17, 31, 17, 17, 17}}, {'B', {30, 17, 17, 30, 17, 17, 30}},
    {'C', {14, 17, 16, 16, 16, 17, 14}}, {'D', {30, 17, 17, 17, 17, 17, 30}},
    {'E', {31, 16, 16, 30, 16, 16, 31}}, {'F', {31, 16, 16, 30, 16, 16, 16}},
    {'G', {14, 17, 16, 23, 17, 17, 15}}, {'H', {17, 17, 17, 31, 17, 17, 17}},
    {'I', {14, 4, 4, 4, 4, 4, 14}},      {'J', {7, 2, 2, 2, 2, 18, 12}},
    {'K', {17, 18, 20, 24, 20, 18, 17}}, {'L', {16, 16, 16, 16, 16, 16, 31}},
    {'M', {17, 27, 21, 21, 17, 17, 17}}, {'N', {17, 25, 21, 19, 17, 17, 17}},
    {'O', {14, 17, 17, 17, 17, 17, 14}}, {'P', {30, 17, 17, 30, 16, 16, 16}},
    {'Q', {14, 17, 17, 17, 21, 18, 13}}, {'R', {30, 17, 17, 30, 20, 18, 17}},
    {'S', {15, 16, 16, 14, 1, 1, 30}},   {'T', {31, 4, 4, 4, 4, 4, 4}},
    {'U', {17, 17, 17, 17, 17, 17, 14}}, {'V', {17, 17, 17, 17, 17, 10, 4}},
    {'W', {17, 17, 17, 21, 21, 27, 17}}, {'X', {17, 17, 10, 4, 10, 17, 17}},
    {'Y', {17, 17, 10, 4, 4, 4, 4}},     {'Z', {31, 1, 2, 4, 8, 16, 31}},
    {'0', {14, 17, 19, 21, 25, 17, 14}}, {'1', {4, 12, 4, 4, 4, 4, 14}},
    {'2', {14, 17, 1, 6, 8, 16, 31}},    {'3', {30, 1, 1, 14, 1, 1, 30}},
    {'4', {2, 6, 10, 18, 31, 2, 2}},     {'5', {31, 16, 30, 1, 1, 17, 14}},
    {'6', {14, 16, 30, 17, 17, 17, 14}}, {'7', {31, 1, 2, 4, 8, 8, 8}},
    {'8', {14, 17, 17, 14, 17, 17, 14}}, {'9', {14, 17, 17, 15, 1, 1, 14}},
    {'.', {0, 0, 0, 0, 0, 12, 12}},      {',', {0, 0, 0, 0, 12, 4, 8}},
    {':', {0, 12, 12, 0, 12, 12, 0}},    {'-', {0, 0, 0, 31, 0, 0, 0}},
    {'$', {4, 15, 20, 14, 5, 30, 4}},    {'%', {24, 25, 2, 4, 8, 19, 3}}};

const Glyph* FindGlyph(char letter) {
  for (const Glyph& glyph : kGlyphs) {
    if (glyph.letter == letter) return &glyph;
  }
  return nullptr;
}

uint32_t Clamp(double value, uint32_t limit) {
  return static_cast<uint32_t>(std::clamp(value, 0.0, static_cast<double>(limit)));
}

// How much of the pixel [at, at + 1] lies within [low, high].
double Overlap(double at, double low, double high) {
  return std::max(0.0, std::min(at + 1, high) - std::max(at, low));
}

}  // namespace

Drawing::Drawing(uint32_t width_px, uint32_t height_px, Color background)
    : width_px_(width_px), height_px_(height_px), rgb_(size_t{width_px} * height_px * 3) {
  for (size_t i = 0; i < rgb_.size(); i += 3) {
    rgb_[i] = background.red;
    rgb_[i + 1] = background.green;
    rgb_[i + 2] = background.blue;
  }
}

Color Drawing::At(uint32_t x, uint32_t y) const {
  const uint8_t* pixel = &rgb_[(size_t{y} * width_px_ + x) * 3];
  return {pixel[0], pixel[1], pixel[2]};
}

void Drawing::Set(uint32_t x, uint32_t y, Color color) {
  uint8_t* pixel = &rgb_[(size_t{y} * width_px_ + x) * 3];
  pixel[0] = color.red;
  pixel[1] = color.green;
  pixel[2] = color.blue;
}

void Drawing::Blend(uint32_t x, uint32_t y, Color color, double coverage) {
  if (coverage >= 1) return Set(x, y, color);
  if (coverage <= 0) return;
  const Color old = At(x, y);
  const auto mix = [coverage](uint8_t from, uint8_t to) {
    return static_cast<uint8_t>(std::lround(from + (to - from) * coverage));
  };
  Set(x, y, {mix(old.red, color.red), mix(old.green, color.green), mix(old.blue, color.blue)});
}

void Drawing::FillRectangle(double left, double top, double right, double bottom, Color color) {
  for (uint32_t y = Clamp(std::floor(top), height_px_); y < Clamp(std::ceil(bottom), height_px_);
       ++y) {
    const double down = Overlap(y, top, bottom);
    for (uint32_t x = Clamp(std::floor(left), width_px_); x < Clamp(std::ceil(right), width_px_);
         ++x) {
      Blend(x, y, color, down * Overlap(x, left, right));
    }
  }
}

void Drawing::FillEllipse(double center_x, double center_y, double radius_x, double radius_y,
                          Color color) {
  for (uint32_t y = Clamp(center_y - radius_y - 1, height_px_);
       y < Clamp(center_y + radius_y + 2, height_px_); ++y) {
    for (uint32_t x = Clamp(center_x - radius_x - 1, width_px_);
         x < Clamp(center_x + radius_x + 2, width_px_); ++x) {
      const double dx = (x + 0.5 - center_x) / radius_x;
      const double dy = (y + 0.5 - center_y) / radius_y;
      const double beyond = (std::hypot(dx, dy) - 1) * std::min(radius_x, radius_y);
      Blend(x, y, color, 0.5 - beyond);
    }
  }
}

void Drawing::FillPolygon(const std::vector<Vertex>& corners, Color color) {
  constexpr int kSamples = 4;  // Per pixel and direction.
  double top = corners[0].y, bottom = corners[0].y;
  for (const Vertex& corner : corners) {
    top = std::min(top, corner.y);
    bottom = std::max(bottom, corner.y);
  }
  std::vector<double> coverage(width_px_);
  std::vector<double> crossings;
  for (uint32_t y = Clamp(std::floor(top), height_px_); y < Clamp(std::ceil(bottom), height_px_);
       ++y) {
    std::fill(coverage.begin(), coverage.end(), 0.0);
    for (int sample = 0; sample < kSamples; ++sample) {
      const double at = y + (sample + 0.5) / kSamples;
      crossings.clear();
      for (size_t i = 0; i < corners.size(); ++i) {
        const Vertex& a = corners[i];
        const Vertex& b = corners[(i + 1) % corners.size()];
        if ((a.y <= at) == (b.y <= at)) continue;
        crossings.push_back(a.x + (at - a.y) / (b.y - a.y) * (b.x - a.x));
      }
      std::sort(crossings.begin(), crossings.end());
      for (size_t i = 0; i + 1 < crossings.size(); i += 2) {
        for (uint32_t x = Clamp(std::floor(crossings[i]), width_px_);
             x < Clamp(std::ceil(crossings[i + 1]), width_px_); ++x) {
          coverage[x] += Overlap(x, crossings[i], crossings[i + 1]) / kSamples;
        }
      }
    }
    for (uint32_t x = 0; x < width_px_; ++x) Blend(x, y, color, coverage[x]);
  }
}

void Drawing::Line(Vertex from, Vertex to, double width, Color color) {
  const double length = std::max(1e-9, std::hypot(to.x - from.x, to.y - from.y));
  const double nx = -(to.y - from.y) / length * width / 2;
  const double ny = (to.x - from.x) / length * width / 2;
  FillPolygon({{from.x + nx, from.y + ny},
               {to.x + nx, to.y + ny},
               {to.x - nx, to.y - ny},
               {from.x - nx, from.y - ny}},
              color);
}

double Drawing::Text(double x, double y, double letter_height, std::string_view text, Color color) {
  for (char letter : text) {
    const bool small = letter >= 'a' && letter <= 'z';
    const double height = small ? letter_height * 0.78 : letter_height;
    const double dot = height / 7;
    if (const Glyph* glyph = FindGlyph(small ? static_cast<char>(letter - 32) : letter)) {
      for (int row = 0; row < 7; ++row) {
        for (int column = 0; column < 5; ++column) {
          if ((glyph->rows[row] >> (4 - column) & 1) == 0) continue;
          const double left = x + column * dot;
          const double top = y + letter_height - height + row * dot;
          // A little larger than its cell, or smoothing leaves seams between the dots.
          FillRectangle(left, top, left + dot + 0.4, top + dot + 0.4, color);
        }
      }
    }
    x += 6 * dot;
  }
  return x;
}

}  // namespace tessera::testing
