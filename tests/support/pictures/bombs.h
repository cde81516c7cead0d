// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_BOMBS_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_BOMBS_H_

#include <string>
#include <vector>

namespace tessera::testing {

// A file that costs its reader far more than its sender.
struct Bomb {
  std::string name;
  std::string file;
  // Why it is refused, or "ACCEPTED" when what is dangerous about it is simply not looked at.
  std::string outcome;
};

// None is larger than the largest file that is accepted. Takes seconds to make.
std::vector<Bomb> Bombs();

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_BOMBS_H_
