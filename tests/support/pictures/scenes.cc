// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/scenes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/pictures/random.h"

namespace tessera::testing {
namespace {

constexpr std::string_view kWords[] = {"total", "item",  "paper", "lamp",  "order", "blue",
                                       "wood",  "steel", "part",  "north", "table", "small",
                                       "hand",  "river", "stone", "glass"};

std::string Capitalised(std::string_view word) {
  std::string out(word);
  out[0] = static_cast<char>(out[0] - 32);
  return out;
}

std::string Money(Random& random) {
  return std::to_string(1 + random.Below(1999)) + "." + std::to_string(10 + random.Below(90));
}

// Smooth noise: random values on a lattice, interpolated; octaves of it, each half the size.
class Noise {
 public:
  explicit Noise(uint64_t seed) : seed_(seed) {}

  // About -1 to 1. `x` and `y` in lattice cells of the coarsest octave.
  float At(float x, float y, int octaves, float decay) const {
    float sum = 0, amplitude = 1, total = 0;
    for (int i = 0; i < octaves; ++i) {
      sum += amplitude * Octave(x, y, static_cast<uint64_t>(i));
      total += amplitude;
      amplitude *= decay;
      x *= 2.03f;
      y *= 2.03f;
    }
    return sum / total * 1.6f;
  }

 private:
  float Lattice(int64_t x, int64_t y, uint64_t octave) const {
    const uint64_t key = seed_ + octave * 0x5851F42D4C957F2Dull +
                         static_cast<uint64_t>(x) * 0x9E3779B97F4A7C15ull +
                         static_cast<uint64_t>(y) * 0xC2B2AE3D27D4EB4Full;
    return static_cast<float>(Random::Mix(key) >> 40) * (2.0f / (1 << 24)) - 1;
  }

  float Octave(float x, float y, uint64_t octave) const {
    const float fx = std::floor(x), fy = std::floor(y);
    const auto ix = static_cast<int64_t>(fx), iy = static_cast<int64_t>(fy);
    const float tx = Smooth(x - fx), ty = Smooth(y - fy);
    const float top = std::lerp(Lattice(ix, iy, octave), Lattice(ix + 1, iy, octave), tx);
    const float bottom =
        std::lerp(Lattice(ix, iy + 1, octave), Lattice(ix + 1, iy + 1, octave), tx);
    return std::lerp(top, bottom, ty);
  }

  static float Smooth(float t) { return t * t * (3 - 2 * t); }

  uint64_t seed_;
};

using Light = std::array<float, 3>;

Light Mix(const Light& a, const Light& b, float t) {
  return {std::lerp(a[0], b[0], t), std::lerp(a[1], b[1], t), std::lerp(a[2], b[2], t)};
}

Light Scaled(const Light& a, float k) { return {a[0] * k, a[1] * k, a[2] * k}; }

uint8_t ToByte(float value) { return static_cast<uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f)); }

constexpr double kTurn = 2 * std::numbers::pi;

std::vector<Vertex> Ring(double x, double y, double radius, int corners, double inner) {
  std::vector<Vertex> ring;
  const int points = inner == 1 ? corners : 2 * corners;
  for (int i = 0; i < points; ++i) {
    const double r = inner != 1 && i % 2 == 1 ? radius * inner : radius;
    const double angle = kTurn * i / points - kTurn / 4;
    ring.push_back({x + r * std::cos(angle), y + r * std::sin(angle)});
  }
  return ring;
}

}  // namespace

Drawing DrawDocument(uint32_t width_px, uint32_t height_px, uint64_t seed) {
  Random random(seed);
  Drawing page(width_px, height_px, {252, 250, 246});
  const Color ink{30, 30, 36};
  const double w = width_px, h = height_px;
  const double letter = std::max(6.0, std::min(w, h) * 0.022);
  const double margin = std::min(w, h) * 0.08, step = letter * 1.8;
  const auto words = [&](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      if (i > 0) text += ' ';
      text += kWords[random.Below(std::size(kWords))];
    }
    return Capitalised(text);
  };
  double y = margin;
  page.Text(margin, y, letter * 2.2, "INVOICE", {40, 60, 120});
  y += letter * 4;
  for (int i = 0; i < 4; ++i, y += step) {
    page.Text(margin, y, letter, words(2), ink);
    page.Text(w * 0.6, y, letter, "No: " + std::to_string(1000 + random.Below(8999)), ink);
  }
  y += step;
  const double right = w - margin;
  for (int row = 0; y + 2 * step < h - 5 * step && row < 14; ++row, y += step * 1.25) {
    if (row == 0) page.FillRectangle(margin, y - letter * 0.3, right, y + step, {205, 210, 220});
    page.Text(margin + 4, y, letter, row == 0 ? "Item" : words(2), ink);
    page.Text(w * 0.55, y, letter, row == 0 ? "Count" : std::to_string(1 + random.Below(20)), ink);
    page.Text(w * 0.75, y, letter, row == 0 ? "Price" : Money(random), ink);
    page.FillRectangle(margin, y + step - 1, right, y + step, {130, 130, 130});
  }
  y += step;
  for (std::string_view line : {"Subtotal", "Tax", "TOTAL"}) {
    page.Text(w * 0.5, y, letter, line, ink);
    page.Text(w * 0.75, y, letter, "$" + Money(random), ink);
    y += step * 1.2;
  }
  return page;
}

Drawing DrawChart(uint32_t width_px, uint32_t height_px, uint64_t seed) {
  Random random(seed);
  Drawing chart(width_px, height_px, kWhite);
  const Color ink{40, 40, 45};
  const double w = width_px, h = height_px, letter = std::max(6.0, std::min(w, h) * 0.03);
  const double left = w * 0.12, right = w * 0.95, top = h * 0.14, bottom = h * 0.86;
  chart.Text(w * 0.3, h * 0.04, letter * 1.3, "Orders by month", ink);
  for (int i = 0; i <= 5; ++i) {
    const double y = bottom - (bottom - top) * i / 5;
    chart.FillRectangle(left, y, right, y + 1, {210, 210, 210});
    chart.Text(left - letter * 3, y - letter / 2, letter, std::to_string(i * 20), ink);
  }
  const int bars = 5;
  const Color palette[] = {
      {50, 110, 190}, {225, 120, 40}, {60, 160, 90}, {200, 60, 70}, {130, 90, 180}};
  for (int i = 0; i < bars; ++i) {
    const double x = left + (right - left) * (i + 0.2) / bars;
    const double height = (bottom - top) * random.Between(0.25, 0.95);
    chart.FillRectangle(x, bottom - height, x + (right - left) * 0.6 / bars, bottom, palette[i]);
    chart.Text(x, bottom + letter * 0.6, letter, std::string(1, static_cast<char>('A' + i)), ink);
  }
  chart.FillRectangle(left - 2, top, left, bottom, ink);
  chart.FillRectangle(left - 2, bottom, right, bottom + 2, ink);
  return chart;
}

Drawing DrawPhoto(uint32_t width_px, uint32_t height_px, uint64_t seed) {
  const Noise noise(Random::Mix(seed));
  Random grain(seed + 77);
  Drawing photo(width_px, height_px, kBlack);
  const float w = static_cast<float>(width_px), h = static_cast<float>(height_px);
  constexpr Light kLayers[] = {{95, 115, 135}, {70, 100, 65}, {105, 112, 55}, {96, 78, 52}};
  // The ridge of each layer of hills, for every column.
  std::array<std::vector<float>, 4> ridges;
  for (size_t layer = 0; layer < ridges.size(); ++layer) {
    ridges[layer].resize(width_px);
    for (uint32_t x = 0; x < width_px; ++x) {
      const float at = static_cast<float>(x) / w * 4;
      ridges[layer][x] = h * (0.42f + 0.15f * static_cast<float>(layer) -
                              0.1f * noise.At(at, 31.5f * static_cast<float>(layer), 7, 0.5f));
    }
  }
  for (uint32_t y = 0; y < height_px; ++y) {
    const float v = static_cast<float>(y) / h;
    for (uint32_t x = 0; x < width_px; ++x) {
      const float u = static_cast<float>(x) / w;
      size_t layer = ridges.size();
      while (layer > 0 && static_cast<float>(y) < ridges[layer - 1][x]) --layer;
      Light light;
      if (layer == 0) {
        const float cloud = std::clamp(noise.At(u * 3, v * 6, 5, 0.55f) * 1.4f - 0.1f, 0.0f, 1.0f);
        light = Mix(Mix({90, 140, 210}, {200, 220, 240}, v * 1.8f), {246, 246, 248}, cloud);
      } else {
        const float scale = 10.0f * static_cast<float>(layer);
        const float texture = noise.At(u * scale * 1.3f, v * scale + 9, 6, 0.75f);
        light = Scaled(kLayers[layer - 1], 1 + 0.55f * texture);
      }
      const float shade = 1 - 0.5f * ((u - 0.5f) * (u - 0.5f) + (v - 0.5f) * (v - 0.5f));
      const uint64_t bits = grain.Next();
      const auto speck = [bits](int shift) {
        // The sum of two uniform bytes is close enough to a camera's noise.
        return (static_cast<float>((bits >> shift & 0xFF) + (bits >> (shift + 8) & 0xFF)) - 255) *
               0.03f;
      };
      photo.Set(x, y,
                {ToByte(light[0] * shade + speck(0)), ToByte(light[1] * shade + speck(16)),
                 ToByte(light[2] * shade + speck(32))});
    }
  }
  return photo;
}

Drawing TilePhoto(uint32_t width_px, uint32_t height_px) {
  constexpr uint32_t kTileWidth = 1008, kTileHeight = 756;
  const Drawing tile = DrawPhoto(kTileWidth, kTileHeight);
  Drawing picture(width_px, height_px, kWhite);
  for (uint32_t y = 0; y < height_px; ++y) {
    for (uint32_t x = 0; x < width_px; ++x) {
      picture.Set(x, y, tile.At(x % kTileWidth, y % kTileHeight));
    }
  }
  return picture;
}

Drawing DrawShape(uint32_t width_px, uint32_t height_px, Shape shape, Color fill,
                  Color background) {
  Drawing drawing(width_px, height_px, background);
  const double x = width_px / 2.0, y = height_px / 2.0;
  const double r = std::min(width_px, height_px) * 0.35;
  switch (shape) {
    case Shape::kCircle:
      drawing.FillEllipse(x, y, r, r, fill);
      break;
    case Shape::kSquare:
      drawing.FillRectangle(x - r * 0.85, y - r * 0.85, x + r * 0.85, y + r * 0.85, fill);
      break;
    case Shape::kTriangle:
      drawing.FillPolygon(Ring(x, y + r * 0.15, r, 3, 1), fill);
      break;
    case Shape::kStar:
      drawing.FillPolygon(Ring(x, y, r, 5, 0.42), fill);
      break;
  }
  return drawing;
}

Drawing DrawArrow(uint32_t width_px, uint32_t height_px, Direction direction) {
  Drawing drawing(width_px, height_px, kWhite);
  const double x = width_px / 2.0, y = height_px / 2.0;
  const double r = std::min(width_px, height_px) * 0.42;
  const double angle = kTurn / 4 * (static_cast<int>(direction) - 1);
  std::vector<Vertex> arrow = {{-1, -0.22},  {0.15, -0.22}, {0.15, -0.65}, {1, 0},
                               {0.15, 0.65}, {0.15, 0.22},  {-1, 0.22}};
  for (Vertex& corner : arrow) {
    corner = {x + r * (corner.x * std::cos(angle) - corner.y * std::sin(angle)),
              y + r * (corner.x * std::sin(angle) + corner.y * std::cos(angle))};
  }
  drawing.FillPolygon(arrow, kBlack);
  return drawing;
}

Drawing DrawQuadrants(uint32_t width_px, uint32_t height_px) {
  Drawing drawing(width_px, height_px, kWhite);
  const double x = width_px / 2, y = height_px / 2;
  drawing.FillRectangle(0, 0, x, y, kRed);
  drawing.FillRectangle(x, 0, width_px, y, kGreen);
  drawing.FillRectangle(0, y, x, height_px, kBlue);
  return drawing;
}

Drawing DrawGradient(uint32_t width_px, uint32_t height_px) {
  Drawing drawing(width_px, height_px, kWhite);
  for (uint32_t y = 0; y < height_px; ++y) {
    for (uint32_t x = 0; x < width_px; ++x) {
      const float u = (static_cast<float>(x) + 0.5f) / static_cast<float>(width_px);
      const float v = (static_cast<float>(y) + 0.5f) / static_cast<float>(height_px);
      drawing.Set(x, y, {ToByte(255 * u), ToByte(255 * v), ToByte(255 - 127.5f * (u + v))});
    }
  }
  return drawing;
}

Drawing DrawZonePlate(uint32_t width_px, uint32_t height_px) {
  Drawing drawing(width_px, height_px, kWhite);
  const double longest = std::max(width_px, height_px);
  for (uint32_t y = 0; y < height_px; ++y) {
    for (uint32_t x = 0; x < width_px; ++x) {
      const double dx = x - width_px / 2.0, dy = y - height_px / 2.0;
      const double phase = (dx * dx + dy * dy) * std::numbers::pi * 0.5 / longest;
      const uint8_t gray = ToByte(static_cast<float>(127.5 + 110 * std::cos(phase)));
      drawing.Set(x, y, {gray, static_cast<uint8_t>(255 - gray), gray});
    }
  }
  return drawing;
}

}  // namespace tessera::testing
