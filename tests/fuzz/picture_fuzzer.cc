// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer over everything that reads a picture file. A run that ends the process, reads what is
// not there or takes too long is a finding; so is a refusal without a typed reason.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/fuzz/picture_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string complaint =
      tessera::preprocess::RunPicture({reinterpret_cast<const char*>(data), size});
  if (complaint.empty()) return 0;
  std::fprintf(stderr, "refused as %s\n", complaint.c_str());
  std::abort();
}
