// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/sizing/size_plan.h"

#include <algorithm>
#include <variant>

#include "services/preprocess/picture/picture_limits.h"
#include "services/preprocess/picture/sizing/cell_grid.h"

namespace tessera::preprocess {
namespace {

SizePlan Filled(OutputSize size) { return {size, {0, 0, size.width_px, size.height_px}}; }

SizePlan Centred(OutputSize content, OutputSize canvas) {
  return {canvas,
          {(canvas.width_px - content.width_px) / 2, (canvas.height_px - content.height_px) / 2,
           content.width_px, content.height_px}};
}

// `side` times `numerator` / `denominator`, to the nearest pixel and at least one.
uint32_t Scaled(uint32_t side, uint32_t numerator, uint32_t denominator) {
  const uint64_t nearest = (uint64_t{side} * numerator * 2 + denominator) / (2ull * denominator);
  return static_cast<uint32_t>(std::max<uint64_t>(1, nearest));
}

// The largest sides of the picture's shape within `canvas`, enlarged if need be.
OutputSize Inscribed(OutputSize picture, OutputSize canvas) {
  const bool width_decides = uint64_t{picture.width_px} * canvas.height_px >=
                             uint64_t{picture.height_px} * canvas.width_px;
  if (width_decides) {
    return {canvas.width_px, std::min(canvas.height_px, Scaled(picture.height_px, canvas.width_px,
                                                               picture.width_px))};
  }
  return {std::min(canvas.width_px, Scaled(picture.width_px, canvas.height_px, picture.height_px)),
          canvas.height_px};
}

class Planner {
 public:
  Planner(OutputSize upright, uint32_t max_side_px)
      : upright_(upright), fitted_(FitWithin(upright.width_px, upright.height_px, max_side_px)) {}

  SizePlan operator()(const FitWithinSide&) const {
    return Centred(fitted_, {std::max(fitted_.width_px, kMinPreparedSidePx),
                             std::max(fitted_.height_px, kMinPreparedSidePx)});
  }

  SizePlan operator()(const EngineFit& fit) const {
    const OutputSize theirs = SizeInEngine(fit.engine, fitted_);
    const CellBounds bounds = BoundsOf(fit.engine);
    if (CellsOf(OnGrid(fitted_)) >= bounds.min) return Filled(theirs);
    // Enlarging, they round both sides up, which distorts more than any need; every grid that costs
    // no more will do.
    return Filled(TruestGrid(upright_, {bounds.min, CellsOf(theirs)}));
  }

  SizePlan operator()(const TokenBudget& budget) const {
    return Filled(NearestGrid(upright_, {budget.min_cells, budget.max_cells}));
  }

  SizePlan operator()(const ExactSize& exact) const {
    const OutputSize canvas{exact.width_px, exact.height_px};
    return exact.stretch ? Filled(canvas) : Centred(Inscribed(upright_, canvas), canvas);
  }

 private:
  const OutputSize upright_;
  const OutputSize fitted_;
};

}  // namespace

SizePlan PlanSize(OutputSize upright, const SizePolicy& policy, uint32_t max_side_px) {
  return std::visit(Planner(upright, max_side_px), policy);
}

}  // namespace tessera::preprocess
