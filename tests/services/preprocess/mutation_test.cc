// SPDX-License-Identifier: Apache-2.0
//
// Mutated files through a real connection: whatever comes, the process lives, answers within two
// seconds, gives a typed reason, and keeps no memory.
//
// TESSERA_MUTATIONS (10,000) files of TESSERA_MUTATION_SEED (1), for at most
// TESSERA_MUTATION_SECONDS (90). `make test-mutations` runs 100,000 without a limit.
#include "tests/support/pictures/mutation.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <tessera/preprocess/v1/preprocess_service.grpc.pb.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/grpc_status.h"
#include "common/status/error.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/preprocess_server.h"
#include "tests/support/fake_inference_service.h"
#include "tests/support/sanitized.h"

namespace tessera::preprocess {
namespace {

using testing::kSanitized;
using testing::NamedFile;

constexpr int kCallers = 3;
constexpr absl::Duration kLongest = absl::Seconds(2);
// What allocators keep for later varies by this much.
constexpr double kKeptMib = 48;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

double ResidentMib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

// What became of a file: "PREPARED" or the reason.
struct Answer {
  std::string outcome;
  absl::Status status;
  absl::Duration time;
};

class MutationTest : public ::testing::Test {
 protected:
  MutationTest() {
    InitLogging({.service = "test", .level = LogLevel::kOff});
    auto inference =
        GrpcServer::Start({.services = {{testing::FakeInferenceService::kName, &inference_}}},
                          registry_)
            .value();
    inference_server_ = std::move(inference);
    PreprocessConfig config;
    config.listen = config.metrics_listen = "127.0.0.1:0";
    config.inference_address = "127.0.0.1:" + std::to_string(inference_server_->port());
    config.worker_threads = 2;
    config.inference_check_interval = absl::Hours(1);
    server_ = PreprocessServer::Start(config).value();
    stub_ = v1::PreprocessService::NewStub(
        MakeClientChannel("127.0.0.1:" + std::to_string(server_->port())));
  }

  Answer Ask(const std::string& file) {
    v1::PreprocessImageRequest request;
    request.set_content(file);
    v1::PreprocessImageResponse response;
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    const absl::Time start = absl::Now();
    Answer answer{.status = FromGrpcStatus(stub_->PreprocessImage(&context, request, &response))};
    answer.time = absl::Now() - start;
    answer.outcome = answer.status.ok() ? "PREPARED" : ReasonOf(answer.status);
    return answer;
  }

  // Nothing if the answer is as it has to be.
  std::string ComplaintAbout(const NamedFile& mutated, Answer answer) {
    static const std::set<std::string_view> reasons(kRefusalReasons.begin(), kRefusalReasons.end());
    if (!answer.status.ok() &&
        (!absl::IsInvalidArgument(answer.status) || !reasons.contains(answer.outcome))) {
      return answer.status.ToString();
    }
    if (kSanitized) return "";
    // Other work on the machine may have held it up once.
    for (int more = 0; more < 3 && answer.time > kLongest; ++more) answer = Ask(mutated.file);
    if (answer.time <= kLongest) return "";
    return fmt::format("took {} ms", absl::ToInt64Milliseconds(answer.time));
  }

  testing::FakeInferenceService inference_;
  prometheus::Registry registry_;
  std::unique_ptr<GrpcServer> inference_server_;
  std::unique_ptr<PreprocessServer> server_;
  std::unique_ptr<v1::PreprocessService::Stub> stub_;
};

TEST_F(MutationTest, NoFileEndsHangsOrFattensTheServer) {
  const uint64_t count = FromEnvironment("TESSERA_MUTATIONS", 10'000);
  const uint64_t seed = FromEnvironment("TESSERA_MUTATION_SEED", 1);
  const absl::Time end =
      absl::Now() + absl::Seconds(FromEnvironment("TESSERA_MUTATION_SECONDS", 90));
  const testing::Mutations mutations(seed);
  std::atomic<uint64_t> next = 0;
  Mutex mutex;
  std::map<std::string, int> outcomes;
  std::vector<std::string> complaints;
  absl::Duration slowest;
  double early_mib = 0;
  const auto call = [&] {
    for (uint64_t i = next++; i < count && absl::Now() < end; i = next++) {
      const NamedFile mutated = mutations.Make(i);
      const Answer answer = Ask(mutated.file);
      const std::string complaint = ComplaintAbout(mutated, answer);
      MutexLock lock(&mutex);
      ++outcomes[answer.outcome];
      slowest = std::max(slowest, answer.time);
      if (!complaint.empty()) {
        complaints.push_back(
            fmt::format("{} of seed {} ({}): {}", i, seed, mutated.name, complaint));
      }
      // By then every decoder has been at work.
      if (i == std::min<uint64_t>(count / 4, 3000)) early_mib = ResidentMib();
    }
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) callers.emplace_back(call);
  for (std::thread& caller : callers) caller.join();

  int done = 0;
  std::string table;
  for (const auto& [outcome, number] : outcomes) {
    done += number;
    table += fmt::format("  {:<26}{:>7}\n", outcome, number);
  }
  std::printf("%d of %lu mutated files, seed %lu\n%s  slowest %.0f ms, memory %.0f -> %.0f MiB\n",
              done, static_cast<unsigned long>(count), static_cast<unsigned long>(seed),
              table.c_str(), absl::ToDoubleMilliseconds(slowest), early_mib, ResidentMib());
  for (const std::string& complaint : complaints) ADD_FAILURE() << complaint;
  EXPECT_GT(outcomes["PREPARED"], 0);
  if (!kSanitized && early_mib > 0) {
    EXPECT_LT(ResidentMib() - early_mib, kKeptMib);
  }
  for (const NamedFile& original : testing::MutationSeeds()) {
    EXPECT_EQ(Ask(original.file).outcome, "PREPARED") << original.name;
  }
}

}  // namespace
}  // namespace tessera::preprocess
