// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/process_metrics.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>

#include "common/concurrency/notification.h"

namespace tessera {
namespace {

std::map<std::string, double> Values() {
  std::map<std::string, double> values;
  for (const auto& family : ProcessMetrics("s", "v").Collect()) {
    const auto& metric = family.metric.at(0);
    values[family.name] =
        family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
  }
  return values;
}

TEST(ProcessMetricsTest, HasWhatPrometheusClientsUsuallyHave) {
  const auto values = Values();
  for (const char* name :
       {"tessera_build_info", "process_open_fds", "process_max_fds", "process_cpu_seconds_total",
        "process_threads", "process_resident_memory_bytes", "process_virtual_memory_bytes",
        "process_start_time_seconds", "tessera_memory_limit_bytes"}) {
    EXPECT_EQ(values.count(name), 1) << name;
  }
}

TEST(ProcessMetricsTest, CountsOpenDescriptors) {
  const double before = Values()["process_open_fds"];
  const int descriptor = open("/dev/null", O_RDONLY);
  EXPECT_EQ(Values()["process_open_fds"], before + 1);
  close(descriptor);
  EXPECT_EQ(Values()["process_open_fds"], before);
}

TEST(ProcessMetricsTest, CountsThreads) {
  const double before = Values()["process_threads"];
  Notification started, stop;
  std::thread thread([&] {
    started.Notify();
    stop.Wait();
  });
  started.Wait();
  EXPECT_EQ(Values()["process_threads"], before + 1);
  stop.Notify();
  thread.join();
}

TEST(ProcessMetricsTest, TellsMemoryAndTimeOfThisProcess) {
  auto values = Values();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double peak = static_cast<double>(usage.ru_maxrss) * 1024;
  EXPECT_GT(values["process_resident_memory_bytes"], 100 * 1024);
  EXPECT_LE(values["process_resident_memory_bytes"], peak * 1.1);
  EXPECT_GE(values["process_virtual_memory_bytes"], values["process_resident_memory_bytes"]);
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LE(values["process_start_time_seconds"], now + 2);
  EXPECT_GT(values["process_start_time_seconds"], now - 3600);
}

}  // namespace
}  // namespace tessera
