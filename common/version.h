// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_VERSION_H_
#define TESSERA_COMMON_VERSION_H_

// Version of every binary of this repository; the build checks that CMakeLists.txt says the same.
#define TESSERA_VERSION "0.1.0"

#endif  // TESSERA_COMMON_VERSION_H_
