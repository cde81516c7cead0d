// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_inference_service.h"

namespace tessera::testing {
namespace {

namespace api = inference::v1;

grpc::Status NotScripted() {
  return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "the test has not scripted this method");
}

}  // namespace

grpc::ServerUnaryReactor* FakeInferenceService::Generate(grpc::CallbackServerContext* rpc,
                                                         const api::GenerateRequest* request,
                                                         api::GenerateResponse* response) {
  ++calls_;
  if (on_unary_call) on_unary_call(*rpc);
  auto* reactor = rpc->DefaultReactor();
  reactor->Finish(generate ? generate(*request, *response) : NotScripted());
  return reactor;
}

grpc::ServerUnaryReactor* FakeInferenceService::Classify(grpc::CallbackServerContext* rpc,
                                                         const api::ClassifyRequest* request,
                                                         api::ClassifyResponse* response) {
  ++calls_;
  if (on_unary_call) on_unary_call(*rpc);
  auto* reactor = rpc->DefaultReactor();
  reactor->Finish(classify ? classify(*request, *response) : NotScripted());
  return reactor;
}

grpc::ServerUnaryReactor* FakeInferenceService::Embed(grpc::CallbackServerContext* rpc,
                                                      const api::EmbedRequest* request,
                                                      api::EmbedResponse* response) {
  ++calls_;
  if (on_unary_call) on_unary_call(*rpc);
  auto* reactor = rpc->DefaultReactor();
  reactor->Finish(embed ? embed(*request, *response) : NotScripted());
  return reactor;
}

grpc::Status FakeInferenceService::StreamGenerate(grpc::ServerContext* rpc, Stream* stream) {
  ++calls_;
  return stream_generate ? stream_generate(*rpc, *stream) : NotScripted();
}

}  // namespace tessera::testing
