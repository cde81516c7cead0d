// SPDX-License-Identifier: Apache-2.0
//
// tessera.inference.v1.InferenceService whose answers are functions of the test.
#ifndef TESSERA_TESTS_SUPPORT_FAKE_INFERENCE_SERVICE_H_
#define TESSERA_TESTS_SUPPORT_FAKE_INFERENCE_SERVICE_H_

#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <atomic>
#include <functional>

namespace tessera::testing {

// Unary methods are served as our services serve them, by callbacks; StreamGenerate by a thread of
// its own, so that a test can write it down as a sequence. Set the functions before the server
// starts; what is not set answers UNIMPLEMENTED.
class FakeInferenceService : public inference::v1::InferenceService::WithCallbackMethod_Generate<
                                 inference::v1::InferenceService::WithCallbackMethod_Classify<
                                     inference::v1::InferenceService::WithCallbackMethod_Embed<
                                         inference::v1::InferenceService::Service>>> {
 public:
  using Stream = grpc::ServerReaderWriter<inference::v1::StreamGenerateResponse,
                                          inference::v1::StreamGenerateRequest>;

  static constexpr char kName[] = "tessera.inference.v1.InferenceService";

  std::function<grpc::Status(const inference::v1::GenerateRequest&,
                             inference::v1::GenerateResponse&)>
      generate;
  std::function<grpc::Status(const inference::v1::ClassifyRequest&,
                             inference::v1::ClassifyResponse&)>
      classify;
  std::function<grpc::Status(const inference::v1::EmbedRequest&, inference::v1::EmbedResponse&)>
      embed;
  std::function<grpc::Status(grpc::ServerContext&, Stream&)> stream_generate;

  // Sees every unary call before it is answered.
  std::function<void(const grpc::CallbackServerContext&)> on_unary_call;

  // Calls of any method that reached the service, retries included.
  int calls() const { return calls_; }

 private:
  grpc::ServerUnaryReactor* Generate(grpc::CallbackServerContext* rpc,
                                     const inference::v1::GenerateRequest* request,
                                     inference::v1::GenerateResponse* response) override;
  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* rpc,
                                     const inference::v1::ClassifyRequest* request,
                                     inference::v1::ClassifyResponse* response) override;
  grpc::ServerUnaryReactor* Embed(grpc::CallbackServerContext* rpc,
                                  const inference::v1::EmbedRequest* request,
                                  inference::v1::EmbedResponse* response) override;
  grpc::Status StreamGenerate(grpc::ServerContext* rpc, Stream* stream) override;

  std::atomic<int> calls_ = 0;
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_FAKE_INFERENCE_SERVICE_H_
