// SPDX-License-Identifier: Apache-2.0
//
// tessera-preprocess-load ADDRESS: calls PreprocessImage of a running server: one line of JSON in,
// one line of JSON out. Driven by run.py.
//
//   {"op": "throughput", "path": P, "seconds": S, "in_flight": N} -> {"per_s", "failed"}
#include <grpcpp/grpcpp.h>

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
#include "tessera/preprocess/v1/preprocess_service.grpc.pb.h"

namespace {

using nlohmann::json;
using tessera::preprocess::v1::PreprocessImageRequest;
using tessera::preprocess::v1::PreprocessImageResponse;
using tessera::preprocess::v1::PreprocessService;

std::string Load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

json Throughput(const std::string& address, const json& request) {
  PreprocessImageRequest call;
  call.set_content(Load(request["path"]));
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
      const auto stub = PreprocessService::NewStub(
          grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
      while (absl::Now() < end) {
        grpc::ClientContext context;
        PreprocessImageResponse response;
        ++(stub->PreprocessImage(&context, call, &response).ok() ? done : failed);
      }
    });
  }
  for (std::thread& lane : lanes) lane.join();
  return {{"per_s", done / absl::ToDoubleSeconds(absl::Now() - start)}, {"failed", failed.load()}};
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
