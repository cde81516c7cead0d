// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_MUTATION_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_MUTATION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tessera::testing {

struct NamedFile {
  std::string name;
  std::string file;
};

// A small picture of every format, in every way of storing it that has code of its own somewhere.
// Always the same.
std::vector<NamedFile> MutationSeeds();

// Mutated files without end. Number `i` of a seed is the same file on every run and machine that
// encodes the pictures alike. Thread-safe.
class Mutations {
 public:
  explicit Mutations(uint64_t seed) : seed_(seed), originals_(MutationSeeds()) {}

  // One of the originals with one to eight changes: bits and bytes, numbers of 16 and 32 bits that
  // are extreme, pieces taken out, repeated, moved, filled or taken from another original, an end
  // cut off. `name` says from which original it comes.
  NamedFile Make(uint64_t i) const;

 private:
  const uint64_t seed_;
  const std::vector<NamedFile> originals_;
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_MUTATION_H_
