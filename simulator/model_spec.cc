// SPDX-License-Identifier: Apache-2.0
#include "simulator/model_spec.h"

#include <algorithm>

#include "common/digest/sha256.h"
#include "simulator/text.h"

namespace tessera::simulator {

bool ModelSpec::Can(std::string_view capability) const {
  return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

std::vector<ModelSpec> DefaultModels() {
  ModelSpec vision;
  vision.name = "qwen3-vl:4b";
  vision.capabilities = {"completion", "vision", "tools"};
  vision.family = "qwen3vl";
  vision.parameter_size = "4.4B";
  vision.quantization = "Q4_K_M";
  vision.renderer = "qwen3-vl-instruct";
  vision.parameter_count = 4'437'815'808;
  vision.size_bytes = 3'295'000'000;
  vision.loaded_size_bytes = 4'762'000'000;
  vision.loaded_vram_bytes = 4'762'000'000;
  vision.trained_context = 262'144;
  vision.embedding_length = 2560;
  vision.num_ctx = 8192;

  ModelSpec text;
  text.name = "llama3.2-custom";
  text.capabilities = {"completion", "tools"};
  text.parent_model = "llama3.2:latest";
  text.loaded_size_bytes = 4'152'000'000;
  text.loaded_vram_bytes = 4'152'000'000;
  text.parallel = 4;
  text.system = "You are a helpful assistant.";

  ModelSpec mini;
  mini.name = "tessera-mini";
  mini.capabilities = {"completion", "vision"};
  mini.family = "qwen3vl";
  mini.parameter_size = "4.2M";
  mini.parameter_count = 4'200'000;
  mini.size_bytes = 15'900'000;
  mini.renderer = "qwen3-vl-instruct";
  mini.trained_context = 32'768;
  mini.embedding_length = 128;

  ModelSpec thinker;
  thinker.name = "qwen3:4b";
  thinker.capabilities = {"completion", "tools", "thinking"};
  thinker.family = "qwen3";
  thinker.parameter_size = "4.0B";
  thinker.quantization = "Q4_K_M";
  thinker.parameter_count = 4'022'468'096;
  thinker.size_bytes = 2'497'000'000;
  thinker.renderer = "qwen3";
  thinker.embedding_length = 2560;

  ModelSpec embedder;
  embedder.name = "tessera-embed";
  embedder.capabilities = {"embedding"};
  embedder.family = "bert";
  embedder.parameter_size = "33M";
  embedder.quantization = "F16";
  embedder.parameter_count = 33'000'000;
  embedder.size_bytes = 67'000'000;
  embedder.trained_context = 512;
  embedder.embedding_length = 384;
  return {vision, text, mini, thinker, embedder};
}

std::string CanonicalName(std::string_view name) {
  std::string canonical = Lower(name);
  std::string_view rest = canonical;
  ConsumePrefix(rest, "registry.ollama.ai/");
  ConsumePrefix(rest, "library/");
  if (rest.empty() || rest.find(':') != std::string_view::npos) {
    return std::string(rest);
  }
  return Concat(rest, ":latest");
}

std::string FullName(std::string_view name) {
  std::string canonical = CanonicalName(name);
  const auto slashes = std::count(canonical.begin(), canonical.end(), '/');
  if (slashes >= 2) {
    return canonical;
  }
  return Concat("registry.ollama.ai/", slashes == 1 ? "" : "library/", canonical);
}

std::string DigestOf(std::string_view text) {
  Sha256 digest;
  digest.Add(text);
  return digest.HexDigest();
}

}  // namespace tessera::simulator
