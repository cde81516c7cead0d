// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_SANITIZED_H_
#define TESSERA_TESTS_SUPPORT_SANITIZED_H_

namespace tessera::testing {

// Built with AddressSanitizer or ThreadSanitizer, under which times and memory say little.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_SANITIZED_H_
