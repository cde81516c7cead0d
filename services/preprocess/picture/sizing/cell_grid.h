// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_CELL_GRID_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_CELL_GRID_H_

#include "services/preprocess/picture/output_size.h"
#include "services/preprocess/picture/sizing/engine_rule.h"

namespace tessera::preprocess {

// Each side rounded to the nearest multiple of kCellPx, at least one.
OutputSize OnGrid(OutputSize picture);

// Among all sides that are multiples of kCellPx and have a number of cells within `bounds`, those
// whose shape comes closest to that of `picture`; of equals, those with the most cells. Takes up to
// 0.1 ms. Requires 1 <= bounds.min <= bounds.max.
OutputSize TruestGrid(OutputSize picture, CellBounds bounds);

// `picture` at its own size on the grid, or, when that has too many or too few cells, reduced or
// enlarged no further than `bounds` demand, to the truest grid there.
OutputSize NearestGrid(OutputSize picture, CellBounds bounds);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_CELL_GRID_H_
