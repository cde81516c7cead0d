// SPDX-License-Identifier: Apache-2.0
//
// Which handler answers which path, and the refusals that come before any handler.
#ifndef TESSERA_SIMULATOR_ROUTER_H_
#define TESSERA_SIMULATOR_ROUTER_H_

#include <memory>
#include <string_view>

#include "simulator/exchange.h"
#include "simulator/simulation.h"

namespace tessera::simulator {

class Router : public RequestRouter {
 public:
  explicit Router(Simulation* simulation) : simulation_(simulation) {}

  bool OnHead(const std::shared_ptr<Exchange>& exchange) override;
  void OnRequest(const std::shared_ptr<Exchange>& exchange) override;

 private:
  bool Refused(Exchange& exchange) const;

  Simulation* const simulation_;
};

// Whether Ollama on loopback serves requests with this Host header (port included or not).
bool IsAllowedHost(std::string_view host);
// Whether it answers pages from this Origin.
bool IsAllowedOrigin(std::string_view origin);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_ROUTER_H_
