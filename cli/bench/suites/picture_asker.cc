// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/suites/picture_asker.h"

#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include "absl/time/clock.h"
#include "cli/bench/ask/tessera_asker.h"
#include "cli/call_error.h"

namespace tessera::bench {
namespace {

constexpr absl::Duration kLongestCall = absl::Minutes(5);

}  // namespace

Classified ClassifyPicture(Bench& bench, const std::string& picture,
                           const std::vector<std::string>& labels,
                           const image::v1::ImageOptions& options) {
  inference::v1::ClassifyRequest request;
  request.set_model(bench.options.model);
  request.set_cache_policy(inference::v1::CACHE_POLICY_OFF);
  request.add_images()->set_content(picture);
  for (const std::string& label : labels) request.add_labels(label);
  *request.mutable_image_options() = options;
  const absl::Duration timeout = bench.session.TimeoutOr(kLongestCall);
  grpc::ClientContext context;
  const absl::Time begin = absl::Now();
  context.set_deadline(absl::ToChronoTime(begin + timeout));
  const int ending = bench.stop.Add([&context] { context.TryCancel(); });
  inference::v1::ClassifyResponse response;
  const grpc::Status status = inference::v1::InferenceService::NewStub(bench.front.channel)
                                  ->Classify(&context, request, &response);
  bench.stop.Remove(ending);
  Classified found;
  found.answer.total_s = absl::ToDoubleSeconds(absl::Now() - begin);
  found.answer.status =
      cli::ToCallError(status, {.address = bench.front.address, .timeout = timeout});
  found.label = found.answer.text = response.label();
  if (response.has_confidence()) found.confidence = response.confidence();
  TakeCompletion(response.completion(), found.answer);
  if (!response.images().empty()) TakeImage(response.images(0), found.answer);
  return found;
}

}  // namespace tessera::bench
