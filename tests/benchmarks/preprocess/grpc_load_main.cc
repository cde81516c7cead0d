// SPDX-License-Identifier: Apache-2.0
//
// tessera-preprocess-load ADDRESS: calls PreprocessImage of a running server: one line of JSON in,
// one line of JSON out. Driven by run.py.
//
// The request is serialised once and sent from the same memory every time, so that next to nothing
// is measured but the server and the connection.
//
//   {"op": "throughput", "path": P, "seconds": S, "in_flight": N}
//       -> {"per_s", "failed", "cpu_ms"}: the last is this process' own per call
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "tessera/preprocess/v1/preprocess_service.pb.h"

namespace {

using nlohmann::json;
using tessera::preprocess::v1::PreprocessImageRequest;

constexpr char kMethod[] = "/tessera.preprocess.v1.PreprocessService/PreprocessImage";

std::string Load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

double CpuMs() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

grpc::Status Call(grpc::GenericStub& stub, const grpc::ByteBuffer& request) {
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  grpc::ByteBuffer response;
  grpc::Status status;
  const auto call = stub.PrepareUnaryCall(&context, kMethod, request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  return status;
}

json Throughput(const std::string& address, const json& request) {
  PreprocessImageRequest message;
  message.set_content(Load(request["path"]));
  const grpc::Slice slice(message.SerializeAsString());
  const grpc::ByteBuffer call(&slice, 1);
  const double cpu = CpuMs();
  const absl::Time start = absl::Now();
  const absl::Time end = start + absl::Seconds(request["seconds"].get<double>());
  std::atomic<int> done{0}, failed{0};
  std::vector<std::thread> lanes;
  for (int i = 0; i < request["in_flight"].get<int>(); ++i) {
    lanes.emplace_back([&, i] {
      grpc::ChannelArguments arguments;
      arguments.SetMaxReceiveMessageSize(-1);
      // A channel, and so a connection, of its own.
      arguments.SetInt("tessera.lane", i);
      grpc::GenericStub stub(
          grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
      while (absl::Now() < end) ++(Call(stub, call).ok() ? done : failed);
    });
  }
  for (std::thread& lane : lanes) lane.join();
  return {{"per_s", done / absl::ToDoubleSeconds(absl::Now() - start)},
          {"failed", failed.load()},
          {"cpu_ms", (CpuMs() - cpu) / std::max(1, done.load())}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  for (std::string line; std::getline(std::cin, line);) {
    json answer;
    try {
      answer = Throughput(argv[1], json::parse(line));
    } catch (const std::exception& error) {
      answer = {{"error", error.what()}};
    }
    std::cout << answer.dump() << std::endl;
  }
  return 0;
}
