// SPDX-License-Identifier: Apache-2.0
#include "simulator/ollama_simulator.h"

#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "simulator/http_server.h"
#include "simulator/router.h"
#include "simulator/scheduler.h"
#include "simulator/simulation.h"
#include "simulator/text.h"

namespace tessera::simulator {

absl::StatusOr<std::unique_ptr<OllamaSimulator>> OllamaSimulator::Start(Options options) {
  if (!options.address.starts_with("127.")) {
    return InvalidField("address",
                        Concat("\"", options.address, "\" is not on loopback (127.0.0.0/8)"));
  }
  std::unique_ptr<OllamaSimulator> simulator(new OllamaSimulator(std::move(options)));
  TESSERA_RETURN_IF_ERROR(simulator->server_->Start());
  return simulator;
}

OllamaSimulator::OllamaSimulator(Options options)
    : simulation_(std::make_unique<Simulation>(std::move(options))),
      router_(std::make_unique<Router>(simulation_.get())) {
  const SimulatorOptions& fixed = simulation_->options;
  server_ =
      std::make_unique<HttpServer>(HttpServer::Options{.address = fixed.address,
                                                       .port = fixed.port,
                                                       .io_threads = fixed.io_threads,
                                                       .max_body_bytes = fixed.max_body_bytes},
                                   &simulation_->journal, router_.get());
  scheduler_ =
      std::make_unique<Scheduler>(Scheduler::Options{.max_queue = fixed.max_queue,
                                                     .max_loaded_models = fixed.max_loaded_models,
                                                     .vram_bytes = fixed.vram_bytes,
                                                     .keep_alive = fixed.keep_alive},
                                  &server_->first_loop(), &simulation_->journal);
  simulation_->scheduler = scheduler_.get();
}

OllamaSimulator::~OllamaSimulator() {
  // The threads end while everything they may touch is still there.
  server_->Stop();
}

std::string OllamaSimulator::url() const {
  return Concat("http://", simulation_->options.address, ":", port());
}

uint16_t OllamaSimulator::port() const { return server_->port(); }

void OllamaSimulator::Script(ScriptRule rule) { simulation_->scripts.Add(std::move(rule)); }

void OllamaSimulator::Script(std::string_view directives, int times) {
  auto answer = ParseAnswerScript(directives);
  if (!answer.ok()) {
    ABSL_RAW_LOG(FATAL, "%s", std::string(answer.status().message()).c_str());
  }
  Script({.times = times, .answer = *std::move(answer)});
}

void OllamaSimulator::ClearScripts() { simulation_->scripts.Clear(); }

void OllamaSimulator::PutModel(ModelSpec model) { simulation_->models.Put(std::move(model)); }

void OllamaSimulator::StopListening() { server_->StopListening(); }

absl::Status OllamaSimulator::ResumeListening() { return server_->ResumeListening(); }

void OllamaSimulator::Crash() {
  server_->StopListening();
  server_->ResetConnections();
  scheduler_->Clear();
}

void OllamaSimulator::ResetConnections() { server_->ResetConnections(); }

void OllamaSimulator::KillRunner(std::string_view model) {
  if (const ModelRef found = simulation_->models.Find(model)) {
    scheduler_->KillRunner(found);
  }
}

JournalState OllamaSimulator::State() const { return simulation_->journal.Snapshot(); }

Counters OllamaSimulator::counters() const { return simulation_->journal.counters(); }

bool OllamaSimulator::WaitFor(absl::FunctionRef<bool(const JournalState&)> met,
                              absl::Duration limit) const {
  return simulation_->journal.WaitFor(met, limit);
}

void OllamaSimulator::ClearJournal() { simulation_->journal.Clear(); }

}  // namespace tessera::simulator
