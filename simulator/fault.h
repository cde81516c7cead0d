// SPDX-License-Identifier: Apache-2.0
//
// The ways in which an answer can go wrong on purpose.
#ifndef TESSERA_SIMULATOR_FAULT_H_
#define TESSERA_SIMULATOR_FAULT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tessera::simulator {

struct Fault {
  enum class Kind {
    kNone,
    kStatus,      // status:503[:text]   an error status at once, with Ollama's text for it
    kReset,       // reset:head|N        RST before the head, or after N lines
    kAbort,       // abort:N             FIN after N lines, in the middle of the chunked body
    kClose,       // close:N             clean end after N lines, without done:true
    kError,       // error:N[:text]      error line (status, if N is 0) after N lines
    kRunnerDied,  // runner_died:N       the same with the model's runner gone
    kSilent,      // silent:N            nothing more after N lines, connection open
    kBlackhole,   // blackhole           never answers, takes no slot
    kWedge,       // wedge[:N]           silent after N lines, and the slot is never given back
    kTruncated,   // truncated:N         half a line after N lines, then a clean end
    kGarbage,     // garbage[:N]         a line that is no JSON after N lines, then a clean end
    kHtml,        // html[:status]       an HTML page, as a proxy in between would send
    kBigLine,     // bigline[:bytes]     one line of that length (default 1 GiB), made as it is sent
    kEndless,     // endless             tokens without end
  };
  Kind kind = Kind::kNone;
  int after_lines = 0;
  bool before_head = false;  // reset:head
  int status = 0;
  std::string text;
  uint64_t bytes = 0;

  explicit operator bool() const { return kind != Kind::kNone; }
};

// Reads the forms above; what is left out takes its default (N: 0).
absl::StatusOr<Fault> ParseFault(std::string_view text);

// Ollama's usual text for an error status.
std::string_view DefaultErrorText(int status);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_FAULT_H_
