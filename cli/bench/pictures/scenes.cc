// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/pictures/scenes.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace tessera::bench {
namespace {

constexpr Colour kWhite = {255, 255, 255};
constexpr Colour kGrey = {225, 225, 225};
constexpr Colour kGraphite = {40, 40, 40};
constexpr std::array<Colour, 5> kColours = {Colour{214, 40, 40}, Colour{40, 80, 200},
                                            Colour{30, 140, 70}, Colour{230, 150, 20},
                                            Colour{120, 50, 160}};

class Chance {
 public:
  explicit Chance(uint64_t seed) : random_(seed) {}
  double Between(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }
  size_t Below(size_t count) { return random_() % count; }

 private:
  std::mt19937_64 random_;
};

// Strokes that look like a letter from afar: stems, and bars between them.
void DrawLetter(Canvas& canvas, Chance& chance, double x, double y, double width, double height) {
  const double pen = width * 0.22;
  const double top = y - (chance.Below(3) == 0 ? height * 0.4 : 0);
  canvas.Rectangle(x, top, x + pen, y + height, kGraphite);
  if (chance.Below(4) > 0) {
    canvas.Rectangle(x + width - pen, y, x + width, y + height, kGraphite);
  }
  for (const double place : {0.0, 0.45, 0.9}) {
    if (chance.Below(2) == 0) continue;
    const double bar = y + height * place;
    canvas.Rectangle(x, bar, x + width, bar + height * 0.13, kGraphite);
  }
}

void DrawWords(Canvas& canvas, Chance& chance, double x, double y, double end, double height) {
  // The sides differ, and letters are narrower than high.
  const double width = height * 0.62 * canvas.height() / canvas.width();
  while (x + 3 * width < end) {
    const int letters = 2 + static_cast<int>(chance.Below(8));
    for (int i = 0; i < letters && x + width < end; ++i, x += width * 1.3) {
      DrawLetter(canvas, chance, x, y, width, height);
    }
    x += width;
  }
}

// A heading, and paragraphs of words nobody can read.
void DrawDocument(Canvas& canvas, Chance& chance) {
  DrawWords(canvas, chance, 0.10, 0.07, chance.Between(0.45, 0.75), 0.022);
  const int gap = static_cast<int>(chance.Below(3)) + 5;
  for (int line = 0; line < 28; ++line) {
    const bool last = line % gap == gap - 1;
    DrawWords(canvas, chance, 0.10, 0.15 + 0.028 * line, last ? 0.5 : 0.90, 0.011);
  }
}

// Seven bars over an axis with grid lines; dark marks where a reader expects words.
void DrawChart(Canvas& canvas, Chance& chance) {
  const Colour colour = kColours[chance.Below(kColours.size())];
  for (int line = 0; line < 6; ++line) {
    const double y = 0.86 - 0.13 * line;
    canvas.Rectangle(0.117, y, 0.957, y + 0.003, kGrey);
    canvas.Rectangle(0.066, y - 0.01, 0.10, y + 0.01, kGraphite);
  }
  for (int bar = 0; bar < 7; ++bar) {
    const double left = 0.146 + 0.117 * bar;
    canvas.Rectangle(left, 0.86 - chance.Between(0.15, 0.68), left + 0.078, 0.86, colour);
    canvas.Rectangle(left + 0.012, 0.88, left + 0.066, 0.90, kGraphite);
  }
  canvas.Rectangle(0.117, 0.156, 0.121, 0.865, kGraphite);
  canvas.Rectangle(0.117, 0.86, 0.957, 0.865, kGraphite);
  canvas.Rectangle(0.33, 0.042, 0.49, 0.073, kGraphite);
  canvas.Rectangle(0.50, 0.042, 0.66, 0.073, kGraphite);
}

void DrawShape(Canvas& canvas, Chance& chance) {
  const Colour colour = kColours[chance.Below(kColours.size())];
  const double x = chance.Between(0.42, 0.58), y = chance.Between(0.42, 0.58);
  const double size = chance.Between(0.22, 0.32);
  switch (chance.Below(3)) {
    case 0:
      canvas.Disc(x, y, size, colour);
      break;
    case 1:
      canvas.Rectangle(x - size * 0.75, y - size, x + size * 0.75, y + size, colour);
      break;
    default:
      canvas.Polygon({{x, y - size}, {x + size, y + size}, {x - size, y + size}}, colour);
  }
}

// A landscape: sky that fades, a sun, ridges one behind the other, and the grain of a camera.
void DrawPhoto(Canvas& canvas, Chance& chance) {
  const int width = canvas.width(), height = canvas.height();
  struct Ridge {
    double level, swing, pitch, phase;
    Colour colour;
  };
  std::vector<Ridge> ridges;
  for (int i = 0; i < 4; ++i) {
    ridges.push_back({0.45 + 0.13 * i,
                      chance.Between(0.03, 0.08),
                      chance.Between(4, 11),
                      chance.Between(0, 6),
                      {static_cast<uint8_t>(120 - 24 * i), static_cast<uint8_t>(145 - 20 * i),
                       static_cast<uint8_t>(130 - 28 * i)}});
  }
  const double sun_x = chance.Between(0.2, 0.8);
  uint32_t noise = 12345;
  const auto grain = [&](double value) {
    noise = noise * 1664525u + 1013904223u;
    return static_cast<uint8_t>(std::clamp(value + ((noise >> 24) % 25) - 12.0, 0.0, 255.0));
  };
  for (int row = 0; row < height; ++row) {
    const double y = (row + 0.5) / height;
    for (int column = 0; column < width; ++column) {
      const double x = (column + 0.5) / width;
      double red = 110 + 110 * y, green = 160 + 50 * y, blue = 225 - 40 * y;
      const double far = std::hypot((x - sun_x) * width / height, y - 0.2);
      const double glow = std::exp(-far * far * 40);
      red += 110 * glow, green += 80 * glow, blue += 10 * glow;
      for (const Ridge& ridge : ridges) {
        const double top = ridge.level + ridge.swing * std::sin(ridge.pitch * x + ridge.phase) +
                           0.3 * ridge.swing * std::sin(3.7 * ridge.pitch * x);
        if (y < top) continue;
        const double shade = 1 - 0.25 * std::sin(37 * x + 23 * y) * (y - top);
        red = ridge.colour.red * shade;
        green = ridge.colour.green * shade;
        blue = ridge.colour.blue * shade;
      }
      canvas.Set(column, row, {grain(red), grain(green), grain(blue)});
    }
  }
}

}  // namespace

Canvas DrawScene(std::string_view kind, int longest_side_px, uint64_t seed) {
  Chance chance(seed * 4 + kind.size());
  const int shorter = longest_side_px * 3 / 4;
  if (kind == "document") {
    Canvas canvas(longest_side_px * 12 / 17, longest_side_px, kWhite);
    DrawDocument(canvas, chance);
    return canvas;
  }
  Canvas canvas(longest_side_px, shorter, kind == "shape" ? kGrey : kWhite);
  if (kind == "chart") {
    DrawChart(canvas, chance);
  } else if (kind == "shape") {
    DrawShape(canvas, chance);
  } else {
    DrawPhoto(canvas, chance);
  }
  return canvas;
}

}  // namespace tessera::bench
