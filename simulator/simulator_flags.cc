// SPDX-License-Identifier: Apache-2.0
#include "simulator/simulator_flags.h"

#include <CLI/CLI.hpp>
#include <string>

#include "common/version.h"

namespace tessera::simulator {
namespace {

constexpr char kAbout[] =
    "Imitates an Ollama server on loopback, with its wire behaviour and its faults, at high "
    "speed.\n"
    "For tests and load measurements; it has no model, its answers mean nothing.";

constexpr char kFooter[] =
    "Answers\n"
    "  Without instructions a model says \"Echo:\" and the words of the last user message, as "
    "many\n"
    "  tokens as --tokens; a JSON schema with an enum gets its first value. Instructions in the\n"
    "  prompt change one answer:\n"
    "      {{sim: tokens=50 rate=100 pause_first_ms=20 fault=reset:3}}\n"
    "  What can be said there:\n"
    "      tokens=N text=\"...\" label=VALUE confidence=P think=N tool=NAME|none\n"
    "      rate=TOKENS/S prefill_rate=TOKENS/S pause_first_ms=N pause_ms=N jitter_ms=N\n"
    "      done_reason=WORD prompt_tokens=N wedge_on_cancel=1\n"
    "      deliver=line|bytes|split:N|split:random[:SEED]|join:N|join:all|slow:BYTES/S\n"
    "      gap_us=N (between segments) empty_pieces=N unknown_fields=1 stamp=1\n"
    "      fault=status:CODE[:TEXT] | reset:head|N | abort:N | close:N | error:N[:TEXT]\n"
    "            | runner_died:N | silent:N | blackhole | wedge[:N] | truncated:N | garbage[:N]\n"
    "            | html[:CODE] | bigline[:BYTES] | endless          (N: lines sent before it)\n"
    "\n"
    "Control, beside Ollama's own endpoints\n"
    "  GET    /simulator/state?records=N   counters, loaded models, the last N requests\n"
    "  POST   /simulator/script            {\"answer\":\"fault=status:503\",\"times\":3,\n"
    "                                       \"model\",\"contains\",\"path\",\"probability\"}\n"
    "  DELETE /simulator/script            forget all rules\n"
    "  POST   /simulator/runner/kill       {\"model\":\"...\"}\n"
    "  POST   /simulator/clear             forget counters and records\n"
    "\n"
    "Example\n"
    "  ollama-simulator --port 11434 --load-ms 2000 --rate 60\n"
    "  curl localhost:11434/api/chat -d "
    "'{\"model\":\"qwen3-vl:4b\",\"messages\":[{\"role\":\"user\",\n"
    "      \"content\":\"hello {{sim: tokens=5}}\"}]}'";

}  // namespace

int ParseSimulatorFlags(int argc, char** argv, SimulatorOptions& options) {
  CLI::App app{kAbout, "ollama-simulator"};
  app.footer(kFooter);
  app.set_version_flag("--version", TESSERA_VERSION);
  options.port = 11434;
  std::string generation = "current";
  double keep_alive_s = 300;
  double load_ms = 0;
  double metadata_ms = 0;
  double rate = 0;
  double prefill_rate = 0;
  int tokens = 16;
  int parallel = 0;
  app.add_option("--address", options.address, "IPv4 address on loopback")->capture_default_str();
  app.add_option("--port", options.port, "TCP port; 0 takes a free one and prints it")
      ->capture_default_str();
  app.add_option("--threads", options.io_threads, "I/O threads")
      ->capture_default_str()
      ->check(CLI::Range(1, 16));
  app.add_option("--generation", generation, "which Ollama: current (0.30+) or legacy (to 0.24)")
      ->capture_default_str()
      ->check(CLI::IsMember({"current", "legacy"}));
  app.add_option("--engine-version", options.version, "what /api/version says")
      ->capture_default_str();
  app.add_option("--load-ms", load_ms, "time to load a model")->capture_default_str();
  app.add_option("--metadata-ms", metadata_ms,
                 "time that each request takes before it waits for a slot of a loaded model")
      ->capture_default_str();
  app.add_option("--rate", rate, "tokens decoded per second and request; 0: no limit")
      ->capture_default_str();
  app.add_option("--prefill-rate", prefill_rate, "prompt tokens per second; 0: no limit")
      ->capture_default_str();
  app.add_option("--tokens", tokens, "length of an unscripted answer")->capture_default_str();
  app.add_option("--parallel", parallel, "slots of every model; 0: each model's own")
      ->capture_default_str();
  app.add_option("--max-queue", options.max_queue, "cold requests that may wait (OLLAMA_MAX_QUEUE)")
      ->capture_default_str();
  app.add_option("--max-loaded", options.max_loaded_models,
                 "models loaded at once (OLLAMA_MAX_LOADED_MODELS)")
      ->capture_default_str();
  app.add_option("--keep-alive-s", keep_alive_s, "seconds a model stays after its last use")
      ->capture_default_str();
  app.add_option("--context-length", options.context_length,
                 "num_ctx where neither request nor model says one")
      ->capture_default_str();
  app.add_option("--pull-rate", options.pull_bytes_per_second, "bytes per second; 0: no limit")
      ->capture_default_str();
  app.add_flag("--wedge-on-blocked-cancel", options.wedge_on_blocked_cancel,
               "a client that stops reading and then disconnects wedges the model");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e);
  }

  options.keep_alive = keep_alive_s < 0 ? absl::InfiniteDuration() : absl::Seconds(keep_alive_s);
  if (generation == "legacy") {
    options.generation = EngineGeneration::kLegacy;
    if (app.count("--engine-version") == 0) options.version = "0.17.4";
  }
  for (auto& model : options.models) {
    model.load_time = absl::Milliseconds(load_ms);
    model.metadata_time = absl::Milliseconds(metadata_ms);
    model.decode_tokens_per_second = rate;
    model.prefill_tokens_per_second = prefill_rate;
    model.default_answer_tokens = tokens;
    if (parallel > 0) model.parallel = parallel;
  }
  return -1;
}

}  // namespace tessera::simulator
