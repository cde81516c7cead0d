// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <optional>

namespace tessera {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily One(std::string name, std::string help, MetricType type, double value) {
  ClientMetric metric;
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {std::move(name), std::move(help), type, {metric}};
}

// Fields of /proc/self/stat after the command name, which may itself contain spaces.
struct Stat {
  double cpu_seconds = 0;
  double threads = 0;
  double start_seconds_after_boot = 0;
  double virtual_bytes = 0;
  double resident_bytes = 0;
};

std::optional<Stat> ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  unsigned long long user = 0, system = 0, start = 0, vsize = 0;
  long threads = 0, rss = 0;
  const int read = std::sscanf(text.c_str() + name_end + 1,
                               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d "
                               "%*d %ld %*d %llu %llu %ld",
                               &user, &system, &threads, &start, &vsize, &rss);
  if (read != 6) return std::nullopt;
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return Stat{static_cast<double>(user + system) / ticks, static_cast<double>(threads),
              static_cast<double>(start) / ticks, static_cast<double>(vsize),
              static_cast<double>(rss) * static_cast<double>(sysconf(_SC_PAGESIZE))};
}

double BootTimeSeconds() {
  timespec since_boot{};
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return static_cast<double>(std::time(nullptr)) - static_cast<double>(since_boot.tv_sec);
}

double OpenDescriptors() {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  double count = 0;
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count - 3;  // ".", ".." and the directory itself.
}

// A container sees its own cgroup at the root of the tree; outside of one there is no limit there
// but the machine's memory. "max" does not read as a number.
double MemoryLimitBytes() {
  double limit =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    double bytes = 0;
    if (std::ifstream(path) >> bytes) limit = std::min(limit, bytes);
  }
  return limit;
}

}  // namespace

ProcessMetrics::ProcessMetrics(std::string service, std::string version)
    : service_(std::move(service)), version_(std::move(version)) {}

std::vector<MetricFamily> ProcessMetrics::Collect() const {
  std::vector<MetricFamily> families;
  MetricFamily info =
      One("tessera_build_info", "Build of the running binary; always 1.", MetricType::Gauge, 1);
  info.metric[0].label = {{"service", service_}, {"version", version_}};
  families.push_back(std::move(info));
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  families.push_back(
      One("process_open_fds", "Open file descriptors.", MetricType::Gauge, OpenDescriptors()));
  families.push_back(One("process_max_fds", "Most file descriptors that may be open.",
                         MetricType::Gauge, static_cast<double>(limit.rlim_cur)));
  families.push_back(One("tessera_memory_limit_bytes",
                         "Memory the process may use: its control group's or the machine's.",
                         MetricType::Gauge, MemoryLimitBytes()));
  if (std::optional<Stat> stat = ReadStat()) {
    families.push_back(One("process_cpu_seconds_total", "User and system CPU time spent, seconds.",
                           MetricType::Counter, stat->cpu_seconds));
    families.push_back(
        One("process_threads", "Threads of the process.", MetricType::Gauge, stat->threads));
    families.push_back(One("process_resident_memory_bytes", "Resident memory size in bytes.",
                           MetricType::Gauge, stat->resident_bytes));
    families.push_back(One("process_virtual_memory_bytes", "Virtual memory size in bytes.",
                           MetricType::Gauge, stat->virtual_bytes));
    families.push_back(One("process_start_time_seconds",
                           "Start of the process, seconds since the epoch.", MetricType::Gauge,
                           BootTimeSeconds() + stat->start_seconds_after_boot));
  }
  return families;
}

}  // namespace tessera
