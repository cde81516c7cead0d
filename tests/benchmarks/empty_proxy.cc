// SPDX-License-Identifier: Apache-2.0
//
// The floor: the least that a gRPC service in front of an HTTP engine can be, on the same gRPC and
// the same HTTP client. One fixed request upstream for each call; no checks, no queue, no metrics,
// no JSON read. What it adds, nobody who uses these libraries can avoid.
//
//   empty_proxy ENGINE_URL PROMPT
#include <grpcpp/server_builder.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "common/http/curl_http_client.h"
#include "common/rpc/grpc_server.h"

namespace tessera::testing {
namespace {

namespace api = inference::v1;

class UnarySink : public HttpResponseSink {
 public:
  UnarySink(grpc::ServerUnaryReactor* reactor, api::GenerateResponse* response)
      : reactor_(reactor), response_(response) {}
  void OnHead(const HttpHead&) override {}
  absl::Status OnData(std::string_view bytes) override {
    response_->mutable_text()->append(bytes);
    return absl::OkStatus();
  }
  void OnDone(const absl::Status& status, const HttpStats&) override {
    reactor_->Finish(status.ok() ? grpc::Status::OK : grpc::Status::CANCELLED);
  }

 private:
  grpc::ServerUnaryReactor* const reactor_;
  api::GenerateResponse* const response_;
};

class EmptyProxy : public api::InferenceService::CallbackService {
 public:
  EmptyProxy(const std::string& engine, const std::string& prompt)
      : url_(engine + "/api/chat"),
        body_(nlohmann::json{{"model", "llama3.2-custom"},
                             {"stream", true},
                             {"messages", {{{"role", "user"}, {"content", prompt}}}}}
                  .dump()),
        http_(*MakeCurlHttpClient()) {}

  grpc::ServerUnaryReactor* Generate(grpc::CallbackServerContext* context,
                                     const api::GenerateRequest*,
                                     api::GenerateResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    http_->Start({.method = "POST",
                  .url = url_,
                  .headers = {{"Content-Type", "application/json"}},
                  .body = body_},
                 std::make_shared<UnarySink>(reactor, response));
    return reactor;
  }

 private:
  const std::string url_;
  const std::string body_;
  const std::unique_ptr<HttpClient> http_;
};

int Main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: empty_proxy ENGINE_URL PROMPT\n");
    return 2;
  }
  BlockTerminationSignals();
  EmptyProxy service(argv[1], argv[2]);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("127.0.0.1:%d\n", port);
  std::fflush(stdout);
  WaitForTerminationSignal();
  return 0;
}

}  // namespace
}  // namespace tessera::testing

int main(int argc, char** argv) { return tessera::testing::Main(argc, argv); }
