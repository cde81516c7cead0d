// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_DIGEST_SHA256_H_
#define TESSERA_COMMON_DIGEST_SHA256_H_

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace tessera {

// SHA-256 of bytes that come in parts. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();

  void Add(std::string_view bytes);
  // 64 lower-case hexadecimal digits. Call once, last.
  std::string HexDigest();

 private:
  struct ContextDeleter {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, ContextDeleter> context_;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_DIGEST_SHA256_H_
