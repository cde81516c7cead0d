// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/reference_resize.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace tessera::testing {
namespace {

double Lanczos3(double x) {
  if (x == 0) return 1;
  if (std::abs(x) >= 3) return 0;
  const double t = std::numbers::pi * x;
  return 3 * std::sin(t) * std::sin(t / 3) / (t * t);
}

struct Tap {
  size_t first = 0;
  std::vector<double> weights;
};

std::vector<Tap> Taps(uint32_t from, uint32_t to) {
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(1.0, scale);
  std::vector<Tap> taps(to);
  for (uint32_t i = 0; i < to; ++i) {
    const double center = (i + 0.5) * scale;
    const auto low = static_cast<size_t>(std::max(0.0, std::floor(center - 3 * stretch + 0.5)));
    const auto high =
        static_cast<size_t>(std::min<double>(from, std::floor(center + 3 * stretch + 0.5)));
    double sum = 0;
    taps[i].first = low;
    for (size_t k = low; k < high; ++k) {
      const double weight = Lanczos3((static_cast<double>(k) + 0.5 - center) / stretch);
      taps[i].weights.push_back(weight);
      sum += weight;
    }
    for (double& weight : taps[i].weights) weight /= sum;
  }
  return taps;
}

}  // namespace

Drawing ReferenceResize(const Drawing& picture, uint32_t width_px, uint32_t height_px) {
  const std::vector<Tap> across = Taps(picture.width_px(), width_px);
  const std::vector<Tap> down = Taps(picture.height_px(), height_px);
  const size_t row = size_t{picture.width_px()} * 3;
  std::vector<double> summed(row);
  Drawing out(width_px, height_px, kBlack);
  for (uint32_t y = 0; y < height_px; ++y) {
    std::fill(summed.begin(), summed.end(), 0.0);
    for (size_t k = 0; k < down[y].weights.size(); ++k) {
      const uint8_t* from = &picture.rgb()[(down[y].first + k) * row];
      const double weight = down[y].weights[k];
      for (size_t i = 0; i < row; ++i) summed[i] += weight * from[i];
    }
    for (uint32_t x = 0; x < width_px; ++x) {
      double pixel[3] = {};
      for (size_t k = 0; k < across[x].weights.size(); ++k) {
        const double* from = &summed[(across[x].first + k) * 3];
        for (int c = 0; c < 3; ++c) pixel[c] += across[x].weights[k] * from[c];
      }
      const auto byte = [](double value) {
        return static_cast<uint8_t>(std::clamp(std::lround(value), 0l, 255l));
      };
      out.Set(x, y, {byte(pixel[0]), byte(pixel[1]), byte(pixel[2])});
    }
  }
  return out;
}

}  // namespace tessera::testing
