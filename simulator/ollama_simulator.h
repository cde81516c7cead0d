// SPDX-License-Identifier: Apache-2.0
//
// A stand-in for an Ollama server: its wire behaviour and its faults, at high speed, on loopback.
// For tests and load only.
//
//   auto simulator = OllamaSimulator::Start({}).value();
//   simulator->Script("tokens=20 fault=reset:3");          // the next generation
//   ... send a request to simulator->url() ...
//   simulator->WaitFor([](const JournalState& state) { return state.counters.faulted == 1; });
#ifndef TESSERA_SIMULATOR_OLLAMA_SIMULATOR_H_
#define TESSERA_SIMULATOR_OLLAMA_SIMULATOR_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "simulator/journal.h"
#include "simulator/model_spec.h"
#include "simulator/script_book.h"
#include "simulator/simulator_options.h"

namespace tessera::simulator {

class HttpServer;
class Router;
class Scheduler;
struct Simulation;

// Thread-safe. The destructor stops the server and closes every connection.
class OllamaSimulator {
 public:
  using Options = SimulatorOptions;

  // Listens and serves when this returns. INVALID_ARGUMENT for an address that is not loopback,
  // UNAVAILABLE when the port is taken.
  static absl::StatusOr<std::unique_ptr<OllamaSimulator>> Start(Options options);
  ~OllamaSimulator();
  OllamaSimulator(const OllamaSimulator&) = delete;
  OllamaSimulator& operator=(const OllamaSimulator&) = delete;

  // "http://127.0.0.1:PORT"; stays the same over StopListening and Crash.
  std::string url() const;
  uint16_t port() const;

  // --- What answers look like -------------------------------------------------------------------

  // Adds a rule; see ScriptRule and AnswerScript.
  void Script(ScriptRule rule);
  // A rule for the next `times` generations of any model (0: all), in the words of
  // ParseAnswerScript. Dies on a mistake in them, for that is one in the test.
  void Script(std::string_view directives, int times = 1);
  void ClearScripts();

  // Adds or replaces a model on disk.
  void PutModel(ModelSpec model);

  // --- What goes wrong around answers -----------------------------------------------------------

  // Connecting is refused from now on; open connections go on.
  void StopListening();
  absl::Status ResumeListening();
  // As kill -9: every connection is reset, nothing is loaded any more, connecting is refused.
  void Crash();
  // The process is back on the same port, with nothing loaded.
  absl::Status Restart() { return ResumeListening(); }
  // Resets every open connection; the server lives.
  void ResetConnections();
  // The model's runner dies: whoever uses it gets an error, the next request loads it again.
  void KillRunner(std::string_view model);

  // --- What was seen ----------------------------------------------------------------------------

  JournalState State() const;
  Counters counters() const;
  // Waits for `met`, which runs on every change and must be short; false when `limit` passed.
  bool WaitFor(absl::FunctionRef<bool(const JournalState&)> met,
               absl::Duration limit = absl::Seconds(10)) const;
  // Forgets counters and records of what has ended.
  void ClearJournal();

 private:
  explicit OllamaSimulator(Options options);

  // In the order of need: what stands above outlives what stands below.
  std::unique_ptr<Simulation> simulation_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_OLLAMA_SIMULATOR_H_
