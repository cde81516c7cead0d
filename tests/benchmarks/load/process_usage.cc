// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/load/process_usage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace tessera::testing {
namespace {

std::vector<pid_t> WithChildren(pid_t process) {
  std::vector<pid_t> all = {process};
  for (size_t i = 0; i < all.size(); ++i) {
    std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", all[i]));
    for (pid_t child; children >> child;) all.push_back(child);
  }
  return all;
}

double OwnCpuSeconds(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string line;
  std::getline(file, line);
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 2));
  std::string skipped;
  // Fields 3 to 13 stand between the name and utime.
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double OwnResidentMib(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/statm", process));
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace

double CpuSeconds(pid_t process) {
  double sum = 0;
  for (const pid_t one : WithChildren(process)) sum += OwnCpuSeconds(one);
  return sum;
}

double ResidentMib(pid_t process) {
  double sum = 0;
  for (const pid_t one : WithChildren(process)) sum += OwnResidentMib(one);
  return sum;
}

}  // namespace tessera::testing
