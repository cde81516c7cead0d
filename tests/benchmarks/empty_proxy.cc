// SPDX-License-Identifier: Apache-2.0
//
// The floor: the least that a gRPC service in front of an HTTP engine can be, on the same gRPC and
// the same HTTP client. One fixed request upstream for each unary call, the caller's words for a
// stream and one message for each line; no checks, no queue, no metrics, no JSON read. What it
// adds, nobody who uses these libraries can avoid.
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
#include "common/rpc/stream_writer.h"

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

std::string Body(const std::string& prompt) {
  return nlohmann::json{{"model", "llama3.2-custom"},
                        {"stream", true},
                        {"messages", {{{"role", "user"}, {"content", prompt}}}}}
      .dump();
}

class Stream
    : public grpc::ServerBidiReactor<api::StreamGenerateRequest, api::StreamGenerateResponse>,
      StreamWriter<api::StreamGenerateResponse>::Stream {
 public:
  Stream(HttpClient& http, const std::string& url)
      : http_(http), url_(url), writer_(*this, size_t{8} << 20) {
    StartRead(&request_);
  }

 private:
  class Sink : public HttpResponseSink {
   public:
    explicit Sink(Stream& stream) : stream_(stream) {}
    void OnHead(const HttpHead&) override {}
    absl::Status OnData(std::string_view bytes) override {
      rest_ += bytes;
      for (size_t end; (end = rest_.find('\n')) != std::string::npos; rest_.erase(0, end + 1)) {
        constexpr std::string_view kKey = "\"content\":\"";
        const size_t from = rest_.find(kKey) + kKey.size();
        api::StreamGenerateResponse message;
        message.mutable_text()->set_text(rest_.substr(from, rest_.find('"', from) - from));
        if (absl::Status status = stream_.writer_.Push(std::move(message)); !status.ok()) {
          return status;
        }
      }
      return absl::OkStatus();
    }
    void OnDone(const absl::Status& status, const HttpStats&) override {
      stream_.writer_.Finish(status.ok() ? grpc::Status::OK : grpc::Status::CANCELLED);
    }

   private:
    Stream& stream_;
    std::string rest_;
  };

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    http_.Start({.method = "POST",
                 .url = url_,
                 .headers = {{"Content-Type", "application/json"}},
                 .body = Body(request_.start().messages(0).text())},
                std::make_shared<Sink>(*this));
  }
  void OnWriteDone(bool ok) override { writer_.OnWriteDone(ok); }
  void OnDone() override { delete this; }
  void Write(const api::StreamGenerateResponse* message) override { StartWrite(message); }
  void End(const grpc::Status& status) override { Finish(status); }

  HttpClient& http_;
  const std::string url_;
  api::StreamGenerateRequest request_;
  StreamWriter<api::StreamGenerateResponse> writer_;
};

class EmptyProxy : public api::InferenceService::CallbackService {
 public:
  EmptyProxy(const std::string& engine, const std::string& prompt)
      : url_(engine + "/api/chat"), body_(Body(prompt)), http_(*MakeCurlHttpClient()) {}

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

  grpc::ServerBidiReactor<api::StreamGenerateRequest, api::StreamGenerateResponse>* StreamGenerate(
      grpc::CallbackServerContext*) override {
    return new Stream(*http_, url_);
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
