// SPDX-License-Identifier: Apache-2.0
//
// HEAD and POST of /api/blobs/sha256:<hex>.
#include <algorithm>
#include <string>
#include <string_view>

#include "common/digest/sha256.h"
#include "simulator/json_text.h"
#include "simulator/text.h"
#include "simulator/transfer_handlers.h"

namespace tessera::simulator {
namespace {

constexpr std::string_view kPrefix = "/api/blobs/";

bool IsDigest(std::string_view text) {
  return ConsumePrefix(text, "sha256:") && text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

// Hashes the body as it comes in.
class BlobUpload : public Activity {
 public:
  BlobUpload(Simulation* simulation, Exchange* exchange, std::string digest)
      : simulation_(simulation), exchange_(exchange), digest_(std::move(digest)) {}

  void OnBodyPart(std::string_view part) override {
    sha256_.Add(part);
    bytes_ += part.size();
  }

  void OnBodyComplete() override {
    const std::string actual = Concat("sha256:", sha256_.HexDigest());
    if (!IsDigest(digest_)) {
      exchange_->ReplyError(400, "invalid digest format");
    } else if (simulation_->blobs.Has(digest_)) {
      exchange_->ReplyEmpty(200);
    } else if (actual != digest_) {
      exchange_->ReplyError(
          400, Concat("digest mismatch, expected ", Quoted(digest_), ", got ", Quoted(actual)));
    } else {
      simulation_->blobs.Add(digest_, bytes_);
      exchange_->ReplyEmpty(201);
    }
  }

 private:
  Simulation* const simulation_;
  Exchange* const exchange_;  // owns this
  const std::string digest_;
  Sha256 sha256_;
  uint64_t bytes_ = 0;
};

}  // namespace

bool StartBlobUpload(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  std::string_view digest = exchange->request().path;
  if (exchange->request().method != "POST" || !ConsumePrefix(digest, kPrefix)) {
    return false;
  }
  exchange->Run(std::make_shared<BlobUpload>(&simulation, exchange.get(), std::string(digest)));
  return true;
}

bool HandleBlob(Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
  std::string_view digest = exchange->request().path;
  if (exchange->request().method != "HEAD" || !ConsumePrefix(digest, kPrefix)) {
    return false;
  }
  if (!IsDigest(digest)) {
    exchange->ReplyError(400, "invalid digest format");
  } else if (simulation.blobs.Has(digest)) {
    exchange->ReplyEmpty(200);
  } else {
    exchange->ReplyError(404, Concat("blob ", digest, " not found"));
  }
  return true;
}

}  // namespace tessera::simulator
