// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/run/environment.h"

#include <sys/utsname.h>
#include <tessera/model/v1/model_service.grpc.pb.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "cli/bench/ask/ollama_asker.h"
#include "cli/client_call.h"
#include "common/version.h"

namespace tessera::bench {
namespace {

using nlohmann::ordered_json;

std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const size_t colon = line.find(": ");
    return colon == line.npos ? "" : line.substr(colon + 2);
  }
  return "";
}

// The driver tells of each card in a file of its own.
ordered_json Gpus() {
  ordered_json gpus = ordered_json::array();
  FILE* const pipe = popen(
      "nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null",
      "r");
  if (pipe == nullptr) return gpus;
  char line[256];
  while (gpus.size() < 64 && std::fgets(line, sizeof line, pipe) != nullptr) {
    std::string text = line;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    gpus.push_back(text);
  }
  pclose(pipe);
  return gpus;
}

ordered_json Host() {
  utsname system{};
  uname(&system);
  const uint64_t memory =
      static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return {{"system", std::string(system.sysname) + " " + system.release},
          {"processor", ProcessorName()},
          {"threads", std::thread::hardware_concurrency()},
          {"memoryBytes", memory},
          {"gpus", Gpus()}};
}

ordered_json Models(Bench& bench) {
  ordered_json models = ordered_json::array();
  cli::ClientCall call(bench.session, bench.front, absl::Seconds(10));
  model::v1::ListModelsResponse response;
  const auto stub = model::v1::ModelService::NewStub(bench.front.channel);
  if (!stub->ListModels(call.context(), {}, &response).ok()) return models;
  for (const auto& model : response.models()) {
    ordered_json one = {{"name", model.name()},
                        {"digest", model.digest()},
                        {"family", model.family()},
                        {"sizeBytes", model.size_bytes()},
                        {"loaded", model.loaded()}};
    if (model.loaded()) {
      one["sizeVramBytes"] = model.size_vram_bytes();
      one["contextTokens"] = model.context_tokens();
    }
    models.push_back(std::move(one));
  }
  return models;
}

}  // namespace

ordered_json DescribeEnvironment(Bench& bench) {
  ordered_json found = {{"tessera", TESSERA_VERSION}, {"address", bench.front.address}};
  if (bench.inference) found["inferenceAddress"] = bench.inference->address;
  if (!bench.options.ollama_url.empty()) {
    found["ollamaUrl"] = bench.options.ollama_url;
    const auto version = Fetch(bench.options.ollama_url + "/api/version", absl::Seconds(5));
    if (version.ok()) {
      const auto json = nlohmann::json::parse(*version, nullptr, /*allow_exceptions=*/false);
      if (json.is_object()) found["ollamaVersion"] = json.value("version", "");
    }
  }
  ordered_json flags = ordered_json::object();
  for (const char* name : {"OLLAMA_FLASH_ATTENTION", "OLLAMA_KV_CACHE_TYPE", "OLLAMA_NUM_PARALLEL",
                           "OLLAMA_CONTEXT_LENGTH", "OLLAMA_MAX_LOADED_MODELS"}) {
    if (const char* value = std::getenv(name)) flags[name] = value;
  }
  if (!flags.empty()) found["ollamaFlagsHere"] = flags;
  found["models"] = Models(bench);
  found["measuringHost"] = Host();
  return found;
}

}  // namespace tessera::bench
