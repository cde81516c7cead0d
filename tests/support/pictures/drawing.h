// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_DRAWING_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_DRAWING_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tessera::testing {

struct Color {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;

  friend bool operator==(const Color&, const Color&) = default;
};

inline constexpr Color kBlack{15, 15, 15};
inline constexpr Color kWhite{255, 255, 255};
inline constexpr Color kRed{215, 30, 35};
inline constexpr Color kGreen{35, 160, 60};
inline constexpr Color kBlue{35, 70, 210};
inline constexpr Color kYellow{245, 220, 40};

struct Vertex {
  double x = 0;
  double y = 0;
};

// An sRGB picture and a few ways to draw on it. Everything drawn is the same on every run.
// Coordinates are pixels, (0, 0) is the top left corner; edges are smoothed.
class Drawing {
 public:
  Drawing(uint32_t width_px, uint32_t height_px, Color background);

  uint32_t width_px() const { return width_px_; }
  uint32_t height_px() const { return height_px_; }
  // Interleaved, rows from top to bottom.
  const std::vector<uint8_t>& rgb() const { return rgb_; }

  Color At(uint32_t x, uint32_t y) const;
  void Set(uint32_t x, uint32_t y, Color color);
  // `coverage` 0 leaves the pixel alone, 1 replaces it.
  void Blend(uint32_t x, uint32_t y, Color color, double coverage);

  void FillRectangle(double left, double top, double right, double bottom, Color color);
  void FillEllipse(double center_x, double center_y, double radius_x, double radius_y, Color color);
  void FillPolygon(const std::vector<Vertex>& corners, Color color);
  void Line(Vertex from, Vertex to, double width, Color color);
  // Capitals, digits and some punctuation in a 5x7 matrix; lower case is drawn as small capitals.
  // Returns the x coordinate behind the last letter.
  double Text(double x, double y, double letter_height, std::string_view text, Color color);

 private:
  uint32_t width_px_;
  uint32_t height_px_;
  std::vector<uint8_t> rgb_;
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_DRAWING_H_
