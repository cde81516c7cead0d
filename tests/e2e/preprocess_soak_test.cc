// SPDX-License-Identifier: Apache-2.0
//
// Pictures of every format, whole and damaged, at a bounded rate: does the process keep growing?
// TESSERA_SOAK_SECONDS (5) long, TESSERA_SOAK_RATE (8) pictures a second; `make soak-preprocess`
// runs it for twenty minutes.
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <tessera/preprocess/v1/preprocess_service.grpc.pb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_status.h"
#include "common/status/error.h"
#include "tests/e2e/child_process.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/mutation.h"
#include "tests/support/pictures/random.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

constexpr int kCallers = 2;
// What a run of full length may grow by in an hour after its first quarter.
constexpr double kMostMibPerHour = 30;
constexpr double kFullLengthSeconds = 1000;

double FromEnvironment(const char* name, double otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::atof(value);
}

// Files of ordinary sizes in every format; what is slow to encode is smaller.
std::vector<std::string> Pictures() {
  const Drawing large = TilePhoto(4032, 3024);
  const Drawing middle = TilePhoto(2016, 1512);
  const Drawing small = TilePhoto(1200, 900);
  return {EncodeJpeg(large),
          EncodeJpeg(large, {.quality = 95, .subsampling = Subsampling::k444}),
          EncodeJpeg(large, {.progressive = true}),
          EncodeJpeg(middle, {.color = JpegColor::kGray}),
          EncodePng(large),
          EncodePng(small, {.interlaced = true}),
          EncodeWebp(middle),
          EncodeWebp(small, {}, 75, true),
          EncodeTiff(middle),
          EncodeAvif(small),
          EncodeGif(small),
          EncodeAnimatedGif({small, small}),
          EncodeCmykTiff(small)};
}

// Least squares, MiB per hour.
double Slope(const std::vector<double>& seconds, const std::vector<double>& mib) {
  const auto n = static_cast<double>(seconds.size());
  double t = 0, m = 0, tt = 0, tm = 0;
  for (size_t i = 0; i < seconds.size(); ++i) {
    t += seconds[i];
    m += mib[i];
    tt += seconds[i] * seconds[i];
    tm += seconds[i] * mib[i];
  }
  return (n * tm - t * m) / (n * tt - t * t) * 3600;
}

class PreprocessSoakTest : public ::testing::Test {
 protected:
  PreprocessSoakTest()
      : server_({std::string(TESSERA_BINARY_DIR) + "/tessera-preprocess", "--listen", "127.0.0.1:0",
                 "--metrics-listen", "127.0.0.1:0", "--worker-threads", "2"},
                fmt::format("{}/preprocess_soak.log", TESSERA_SCRATCH_DIR)),
        stub_(preprocess::v1::PreprocessService::NewStub(
            MakeClientChannel("127.0.0.1:" + std::to_string(server_.port())))) {}

  // Every second file is damaged, every fourth answer is a tensor, every eighth caller goes away.
  void Ask(uint64_t number) {
    Random random(number);
    preprocess::v1::PreprocessImageRequest request;
    const bool whole = number % 2 == 0;
    request.set_content(whole ? pictures_[random.Below(pictures_.size())]
                              : mutations_.Make(number).file);
    if (random.Below(4) == 0) request.mutable_tensor()->set_type(image::v1::TENSOR_TYPE_F32);
    grpc::ClientContext context;
    const bool impatient = random.Below(8) == 0;
    context.set_deadline(absl::ToChronoTime(
        absl::Now() + (impatient ? absl::Milliseconds(random.Below(60)) : absl::Seconds(60))));
    preprocess::v1::PreprocessImageResponse response;
    const absl::Status status =
        FromGrpcStatus(stub_->PreprocessImage(&context, request, &response));
    if (!status.ok() && whole && !impatient) ADD_FAILURE() << number << ": " << status;
    MutexLock lock(&mutex_);
    ++outcomes_[status.ok()              ? "prepared"
                : impatient              ? "the caller went away"
                : ReasonOf(status) != "" ? ReasonOf(status)
                                         : status.ToString()];
  }

  // One of kCallers, until the end.
  void Call(int caller, absl::Time start, absl::Time end, double rate) {
    for (uint64_t i = static_cast<uint64_t>(caller); absl::Now() < end; i += kCallers) {
      absl::SleepFor(start + absl::Seconds(static_cast<double>(i) / rate) - absl::Now());
      Ask(i);
    }
  }

  Service server_;
  std::unique_ptr<preprocess::v1::PreprocessService::Stub> stub_;
  const std::vector<std::string> pictures_ = Pictures();
  const Mutations mutations_{7};
  Mutex mutex_;
  std::map<std::string, int> outcomes_;
};

TEST_F(PreprocessSoakTest, MixedPicturesDoNotFattenTheProcess) {
  const double seconds = FromEnvironment("TESSERA_SOAK_SECONDS", 5);
  const double rate = FromEnvironment("TESSERA_SOAK_RATE", 8);
  const absl::Time start = absl::Now();
  const absl::Time end = start + absl::Seconds(seconds);
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([=, this] { Call(i, start, end, rate); });
  }
  std::vector<double> at, mib;
  std::printf("minute: resident MiB, median [least, most]\n");
  for (std::vector<double> minute; absl::Now() < end;) {
    absl::SleepFor(absl::Milliseconds(500));
    const double now = absl::ToDoubleSeconds(absl::Now() - start);
    minute.push_back(server_.MemoryMib("VmRSS"));
    if (now > seconds / 4) {
      at.push_back(now);
      mib.push_back(minute.back());
    }
    if (minute.size() < 120) continue;
    std::sort(minute.begin(), minute.end());
    std::printf("%4.0f: %4.0f [%.0f, %.0f]\n", now / 60, minute[60], minute[0], minute.back());
    std::fflush(stdout);
    minute.clear();
  }
  for (std::thread& caller : callers) caller.join();
  for (const auto& [outcome, number] : outcomes_) {
    std::printf("  %-26s %6d\n", outcome.c_str(), number);
  }
  const double slope = Slope(at, mib);
  std::printf("highest %.0f MiB; after the first quarter %+.1f MiB an hour\n",
              server_.MemoryMib("VmHWM"), slope);
  EXPECT_GT(outcomes_["prepared"], 0);
  if (seconds >= kFullLengthSeconds) {
    EXPECT_LT(slope, kMostMibPerHour);
  }
}

}  // namespace
}  // namespace tessera::testing
