// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/sizing/cell_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tessera::preprocess {
namespace {

// How far from the wanted shape `columns` x `rows` is: 1 for the shape itself.
double Distortion(uint32_t columns, uint32_t rows, double aspect) {
  const double ratio = columns / (rows * aspect);
  return ratio < 1 ? 1 / ratio : ratio;
}

// Columns or rows of a side scaled by `scale`, at least one.
uint32_t Cells(uint32_t side_px, double scale, double (*round)(double)) {
  return std::max<uint32_t>(1, static_cast<uint32_t>(round(side_px * scale / kCellPx)));
}

uint32_t Product(OutputSize picture, double scale, double (*round)(double)) {
  return Cells(picture.width_px, scale, round) * Cells(picture.height_px, scale, round);
}

}  // namespace

OutputSize OnGrid(OutputSize picture) {
  const auto nearest = [](double cells) { return std::round(cells); };
  return {Cells(picture.width_px, 1, nearest) * kCellPx,
          Cells(picture.height_px, 1, nearest) * kCellPx};
}

OutputSize TruestGrid(OutputSize picture, CellBounds bounds) {
  const double aspect = static_cast<double>(picture.width_px) / picture.height_px;
  uint32_t best_columns = 1;
  uint32_t best_rows = bounds.max;
  double least = std::numeric_limits<double>::infinity();
  for (uint32_t columns = 1; columns <= bounds.max; ++columns) {
    const uint32_t fewest = (bounds.min + columns - 1) / columns;
    const uint32_t most = bounds.max / columns;
    if (fewest > most) continue;
    const auto below = static_cast<uint32_t>(columns / aspect);
    for (const uint32_t wanted : {below, below + 1}) {
      const uint32_t rows = std::clamp(wanted, fewest, most);
      const double distortion = Distortion(columns, rows, aspect);
      if (distortion < least ||
          (distortion == least && columns * rows > best_columns * best_rows)) {
        least = distortion;
        best_columns = columns;
        best_rows = rows;
      }
    }
  }
  return {best_columns * kCellPx, best_rows * kCellPx};
}

OutputSize NearestGrid(OutputSize picture, CellBounds bounds) {
  const auto down = [](double cells) { return std::floor(cells); };
  const auto up = [](double cells) { return std::ceil(cells); };
  const double cells =
      static_cast<double>(picture.width_px) * picture.height_px / (kCellPx * kCellPx);
  const OutputSize on_grid = OnGrid(picture);
  const uint32_t own = CellsOf(on_grid);
  if (own > bounds.max) {
    const uint32_t reduced = Product(picture, std::sqrt(bounds.max / cells), down);
    return TruestGrid(picture, {std::clamp(reduced, bounds.min, bounds.max), bounds.max});
  }
  if (own < bounds.min) {
    const uint32_t enlarged = Product(picture, std::sqrt(bounds.min / cells), up);
    return TruestGrid(picture, {bounds.min, std::clamp(enlarged, bounds.min, bounds.max)});
  }
  return on_grid;
}

}  // namespace tessera::preprocess
