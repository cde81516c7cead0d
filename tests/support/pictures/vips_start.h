// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_VIPS_START_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_VIPS_START_H_

namespace tessera::testing {

// Starts libvips for the encoders of this folder; ends the process if it does not start.
void StartVipsOnce();

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_VIPS_START_H_
