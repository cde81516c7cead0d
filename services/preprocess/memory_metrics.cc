// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/memory_metrics.h"

#include <string>

#include "services/preprocess/allocator.h"
#include "services/preprocess/gauge_family.h"
#include "services/preprocess/picture/vips_runtime.h"

namespace tessera::preprocess {

std::vector<prometheus::MetricFamily> MemoryMetrics::Collect() const {
  const VipsMemory vips = VipsMemoryNow();
  const AllocatorMemory heap = AllocatorMemoryNow();
  const auto kind = [](const char* name, uint64_t bytes) {
    return GaugeValue(static_cast<double>(bytes), {{"kind", name}});
  };
  return {
      GaugeFamily("tessera_preprocess_libvips_bytes", "Pixel memory that libvips holds now.",
                  {GaugeValue(static_cast<double>(vips.bytes))}),
      GaugeFamily("tessera_preprocess_libvips_max_bytes",
                  "The most pixel memory libvips ever held.",
                  {GaugeValue(static_cast<double>(vips.max_bytes))}),
      GaugeFamily("tessera_preprocess_libvips_allocations",
                  "Pieces of memory that libvips holds now.",
                  {GaugeValue(static_cast<double>(vips.allocations))}),
      GaugeFamily(
          "tessera_preprocess_allocator_bytes",
          "The allocator's memory: what the program asked for, what it occupies, what was kept "
          "from the system.",
          {kind("allocated", heap.allocated_bytes), kind("resident", heap.resident_bytes),
           kind("retained", heap.retained_bytes)}),
  };
}

}  // namespace tessera::preprocess
