// SPDX-License-Identifier: Apache-2.0
//
// fuzz-seeds FOLDER: writes the pictures that mutation and fuzzing begin with.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/support/pictures/mutation.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const auto& [name, file] : tessera::testing::MutationSeeds()) {
    std::ofstream(folder / name, std::ios::binary) << file;
  }
  return 0;
}
