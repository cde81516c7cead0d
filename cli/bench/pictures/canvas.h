// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_PICTURES_CANVAS_H_
#define TESSERA_CLI_BENCH_PICTURES_CANVAS_H_

#include <cstdint>
#include <vector>

namespace tessera::bench {

struct Colour {
  uint8_t red = 0, green = 0, blue = 0;
};

// Pixels by rows, three bytes each. Places are shares of the sides, 0 to 1, so that a drawing looks
// the same at every size; what lies outside is cut off.
class Canvas {
 public:
  Canvas(int width, int height, Colour background);

  int width() const { return width_; }
  int height() const { return height_; }
  const std::vector<uint8_t>& pixels() const { return pixels_; }

  void Set(int x, int y, Colour colour);
  void Rectangle(double left, double top, double right, double bottom, Colour colour);
  // `radius` is a share of the shorter side.
  void Disc(double x, double y, double radius, Colour colour);
  // Corners in order; filled.
  void Polygon(const std::vector<std::pair<double, double>>& corners, Colour colour);

 private:
  const int width_;
  const int height_;
  std::vector<uint8_t> pixels_;
};

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_PICTURES_CANVAS_H_
