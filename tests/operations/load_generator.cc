// SPDX-License-Identifier: Apache-2.0
//
// load_generator: calls a front door from several threads until it gets SIGTERM or its time is up,
// then prints one JSON object about what came of the calls.
//
//   --mix unary    texts and small pictures that must all succeed
//   --mix mixed    everything that a deployment sees: pictures of all formats and sizes, texts,
//                  streams, embeddings, callers that leave, mistakes
//   --mix hostile  every call with a model, a client and sometimes a method that nobody has
#include <fmt/format.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>
#include <tessera/preprocess/v1/preprocess_service.grpc.pb.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/client_identity.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/grpc_status.h"
#include "common/status/error.h"
#include "tests/support/pictures/damage.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

namespace api = inference::v1;

struct Options {
  std::string target = "127.0.0.1:7000";
  std::string mix = "mixed";
  int threads = 8;
  double seconds = 3600;
  double calls_per_second = 0;  // Of all threads together; 0: as fast as answers come.
};

struct Stubs {
  std::unique_ptr<api::InferenceService::Stub> inference;
  std::unique_ptr<preprocess::v1::PreprocessService::Stub> preprocess;
  std::unique_ptr<grpc::GenericStub> any;
};

struct Pictures {
  std::vector<std::string> good;
  std::vector<std::string> bad;
  std::string small;
};

Pictures MakePictures() {
  Pictures pictures;
  const Drawing photo = DrawPhoto(1600, 1200);
  const Drawing chart = DrawChart(900, 700);
  pictures.good = {EncodeJpeg(photo),
                   EncodeJpeg(photo, {.orientation = 6}),
                   EncodeJpeg(chart, {.progressive = true}),
                   EncodePng(chart),
                   EncodeWebp(chart),
                   EncodeGif(chart),
                   EncodeTiff(chart),
                   EncodeAvif(DrawChart(400, 300))};
  if (CanEncodeHeic()) pictures.good.push_back(EncodeHeic(DrawChart(400, 300)));
  pictures.bad = {EncodeBmp(chart), Truncate(EncodeJpeg(photo), 0.6), ClaimedPng(60000, 60000),
                  "not a picture", ""};
  pictures.small = EncodeJpeg(DrawChart(320, 240));
  return pictures;
}

class Tally {
 public:
  void Add(const std::string& kind, const grpc::Status& status, absl::Duration took) {
    const std::string outcome =
        status.ok() ? "OK"
                    : fmt::format("{} {}", absl::StatusCodeToString(FromGrpcStatus(status).code()),
                                  ReasonOf(FromGrpcStatus(status)));
    const std::scoped_lock lock(mutex_);
    ++outcomes_[kind][outcome];
    ++(status.ok() ? ok_ : failed_);
    if (!status.ok() && first_messages_.size() < 10) {
      first_messages_.push_back(fmt::format("{}: {}: {}", kind, outcome, status.error_message()));
    }
    milliseconds_.push_back(static_cast<float>(absl::ToDoubleMilliseconds(took)));
  }

  std::string Report() {
    const std::scoped_lock lock(mutex_);
    std::sort(milliseconds_.begin(), milliseconds_.end());
    const auto at = [&](double share) {
      return milliseconds_.empty() ? 0.0F
                                   : milliseconds_[static_cast<size_t>(
                                         share * static_cast<double>(milliseconds_.size() - 1))];
    };
    return nlohmann::json{{"calls", ok_ + failed_},
                          {"ok", ok_},
                          {"failed", failed_},
                          {"outcomes", outcomes_},
                          {"first_failures", first_messages_},
                          {"p50_ms", at(0.5)},
                          {"p99_ms", at(0.99)},
                          {"max_ms", at(1)}}
        .dump(1);
  }

 private:
  std::mutex mutex_;
  int64_t ok_ = 0;
  int64_t failed_ = 0;
  std::map<std::string, std::map<std::string, int64_t>> outcomes_;
  std::vector<std::string> first_messages_;
  std::vector<float> milliseconds_;
};

class Caller {
 public:
  // `named`: each call comes from another client, by its own word.
  Caller(Stubs& stubs, const Pictures& pictures, Tally& tally, int seed, bool named)
      : stubs_(stubs), pictures_(pictures), tally_(tally), random_(seed), named_(named) {}

  void Unary() { Below(10) == 0 ? Classify(pictures_.small, 30) : Generate("", 4, 30); }

  void Hostile() { Below(3) == 0 ? UnknownMethod() : Generate(Invented("model"), 4, 30); }

  void Mixed() {
    switch (Below(20)) {
      case 0:
      case 1:
      case 2:
        return Generate("", 8, 30);
      case 3:
        return Generate("no-such-model", 8, 30);
      case 4:
        return Generate("", 200, 0.02);
      case 5:
      case 6:
      case 7:
        return Stream("", /*leave=*/false);
      case 8:
        return Stream("", /*leave=*/true);
      case 9:
        return Stream("no-such-model", /*leave=*/false);
      case 10:
      case 11:
      case 12:
        return Classify(AnyGood(), 30);
      case 13:
        return Classify(pictures_.bad[Below(pictures_.bad.size())], 30);
      case 14:
        return Below(2) == 0 ? Embed() : Batch();
      case 15:
        return Below(2) == 0 ? AskAgain() : AskForJson();
      case 16:
        return Preprocess(pictures_.bad[Below(pictures_.bad.size())]);
      default:
        return Preprocess(AnyGood());
    }
  }

 private:
  size_t Below(size_t limit) { return random_() % limit; }
  const std::string& AnyGood() { return pictures_.good[Below(pictures_.good.size())]; }
  std::string Words() { return fmt::format("Tell me about number {}.", random_()); }

  std::string Invented(std::string_view what) { return fmt::format("{}-{:x}", what, random_()); }

  void Call(const std::string& kind, double seconds,
            const std::function<grpc::Status(grpc::ClientContext&)>& call) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(static_cast<int>(seconds * 1000)));
    if (named_) context.AddMetadata(kClientKey, Invented("client"));
    const absl::Time start = absl::Now();
    const grpc::Status status = call(context);
    tally_.Add(kind, status, absl::Now() - start);
  }

  api::GenerateRequest Question(const std::string& model, uint32_t tokens) {
    api::GenerateRequest request;
    request.set_model(model);
    auto* message = request.add_messages();
    message->set_role(api::ROLE_USER);
    message->set_text(Words());
    request.mutable_sampling()->set_max_output_tokens(tokens);
    return request;
  }

  // One of a few questions with one right answer: known from the cache after a while.
  void AskAgain() {
    Call("Generate again", 30, [&](grpc::ClientContext& context) {
      api::GenerateRequest request = Question("", 8);
      request.mutable_messages(0)->set_text(fmt::format("What is {} squared?", Below(5)));
      request.mutable_sampling()->set_temperature(0);
      api::GenerateResponse response;
      return stubs_.inference->Generate(&context, request, &response);
    });
  }

  void AskForJson() {
    Call("Generate JSON", 30, [&](grpc::ClientContext& context) {
      api::GenerateRequest request = Question("", 50);
      request.mutable_response_format()->set_json_schema(
          R"({"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]})");
      request.mutable_response_format()->set_repair(true);
      api::GenerateResponse response;
      return stubs_.inference->Generate(&context, request, &response);
    });
  }

  // Within the window that servers allow by default.
  void Batch() {
    Call("Batch", 60, [&](grpc::ClientContext& context) {
      auto stream = stubs_.inference->Batch(&context);
      for (int i = 0; i < 6; ++i) {
        api::BatchRequest item;
        item.set_id(fmt::format("item-{}", i));
        *item.mutable_generate() = Question(i == 0 ? "no-such-model" : "", 8);
        stream->Write(item);
      }
      stream->WritesDone();
      api::BatchResponse result;
      while (stream->Read(&result)) {
      }
      return stream->Finish();
    });
  }

  void Generate(const std::string& model, uint32_t tokens, double seconds) {
    Call("Generate", seconds, [&](grpc::ClientContext& context) {
      api::GenerateResponse response;
      return stubs_.inference->Generate(&context, Question(model, tokens), &response);
    });
  }

  void UnknownMethod() {
    Call("Unknown", 5, [&](grpc::ClientContext& context) {
      grpc::CompletionQueue queue;
      grpc::ByteBuffer nothing;
      grpc::ByteBuffer answer;
      grpc::Status status;
      auto call = stubs_.any->PrepareUnaryCall(
          &context, fmt::format("/tessera.{}/{}", Invented("service"), Invented("method")), nothing,
          &queue);
      call->StartCall();
      call->Finish(&answer, &status, nullptr);
      void* tag = nullptr;
      bool ok = false;
      queue.Next(&tag, &ok);
      return status;
    });
  }

  void Stream(const std::string& model, bool leave) {
    Call(leave ? "StreamGenerate left" : "StreamGenerate", 30, [&](grpc::ClientContext& context) {
      auto stream = stubs_.inference->StreamGenerate(&context);
      api::StreamGenerateRequest request;
      *request.mutable_start() = Question(model, 30);
      stream->Write(request);
      stream->WritesDone();
      api::StreamGenerateResponse event;
      while (stream->Read(&event)) {
        if (leave && event.has_text()) context.TryCancel();
      }
      return stream->Finish();
    });
  }

  void Classify(const std::string& file, double seconds) {
    Call("Classify", seconds, [&](grpc::ClientContext& context) {
      api::ClassifyRequest request;
      request.add_images()->set_content(file);
      request.set_text(Words());
      request.add_labels("photo");
      request.add_labels("chart");
      api::ClassifyResponse response;
      return stubs_.inference->Classify(&context, request, &response);
    });
  }

  void Embed() {
    Call("Embed", 30, [&](grpc::ClientContext& context) {
      api::EmbedRequest request;
      request.set_model("tessera-embed");
      request.add_texts(Words());
      api::EmbedResponse response;
      return stubs_.inference->Embed(&context, request, &response);
    });
  }

  void Preprocess(const std::string& file) {
    Call("PreprocessImage", 30, [&](grpc::ClientContext& context) {
      preprocess::v1::PreprocessImageRequest request;
      request.set_content(file);
      preprocess::v1::PreprocessImageResponse response;
      return stubs_.preprocess->PreprocessImage(&context, request, &response);
    });
  }

  Stubs& stubs_;
  const Pictures& pictures_;
  Tally& tally_;
  std::mt19937_64 random_;
  const bool named_;
};

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Calls a front door and reports what came of it.");
  app.add_option("--target", options.target, "Front door, as gRPC names it");
  app.add_option("--mix", options.mix)->check(CLI::IsMember({"unary", "mixed", "hostile"}));
  app.add_option("--threads", options.threads)->check(CLI::Range(1, 256));
  app.add_option("--seconds", options.seconds);
  app.add_option("--calls-per-second", options.calls_per_second);
  CLI11_PARSE(app, argc, argv);
  BlockTerminationSignals();

  const Pictures pictures = MakePictures();
  const auto channel = MakeClientChannel(
      options.target, {.retried_services = {"tessera.inference.v1.InferenceService",
                                            "tessera.preprocess.v1.PreprocessService"}});
  Stubs stubs{api::InferenceService::NewStub(channel),
              preprocess::v1::PreprocessService::NewStub(channel),
              std::make_unique<grpc::GenericStub>(channel)};
  Tally tally;
  std::atomic<bool> stop = false;
  std::thread([&stop] {
    WaitForTerminationSignal();
    stop = true;
  }).detach();
  const absl::Time end = absl::Now() + absl::Seconds(options.seconds);
  const absl::Duration pause = options.calls_per_second > 0
                                   ? absl::Seconds(options.threads / options.calls_per_second)
                                   : absl::ZeroDuration();
  std::vector<std::thread> threads;
  for (int i = 0; i < options.threads; ++i) {
    threads.emplace_back([&, i] {
      const bool hostile = options.mix == "hostile";
      Caller caller(stubs, pictures, tally, i + 1, hostile);
      absl::Time next = absl::Now() + pause * i / options.threads;
      while (!stop && absl::Now() < end) {
        if (hostile) {
          caller.Hostile();
        } else {
          options.mix == "unary" ? caller.Unary() : caller.Mixed();
        }
        next += pause;
        if (pause > absl::ZeroDuration()) absl::SleepFor(next - absl::Now());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  fmt::print("{}\n", tally.Report());
  return 0;
}

}  // namespace
}  // namespace tessera::testing

int main(int argc, char** argv) { return tessera::testing::Main(argc, argv); }
