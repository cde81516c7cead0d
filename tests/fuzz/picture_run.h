// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_FUZZ_PICTURE_RUN_H_
#define TESSERA_TESTS_FUZZ_PICTURE_RUN_H_

#include <string>
#include <string_view>

namespace tessera::preprocess {

// Puts a file, whatever it is, through everything that reads pictures, with small limits. Which way
// through the pipeline follows from the file, so that a file is all of a finding. Returns what is
// wrong with the answer: a refusal has to be the caller's fault and have a known reason. Empty: all
// is well. Thread-safe.
std::string RunPicture(std::string_view file);

}  // namespace tessera::preprocess

#endif  // TESSERA_TESTS_FUZZ_PICTURE_RUN_H_
