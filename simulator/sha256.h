// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 of bytes that arrive in parts.
#ifndef TESSERA_SIMULATOR_SHA256_H_
#define TESSERA_SIMULATOR_SHA256_H_

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace tessera::simulator {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void Add(std::string_view bytes);
  // 64 lower-case hex digits. Called once, at the end.
  std::string HexDigest();

 private:
  struct ContextDeleter {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, ContextDeleter> context_;
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_SHA256_H_
