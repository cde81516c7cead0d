// SPDX-License-Identifier: Apache-2.0
#include "simulator/router.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "simulator/control_handlers.h"
#include "simulator/embed_handler.h"
#include "simulator/generation_handler.h"
#include "simulator/json_text.h"
#include "simulator/management_handlers.h"
#include "simulator/text.h"
#include "simulator/transfer_handlers.h"

namespace tessera::simulator {
namespace {

using Handler = void (*)(Simulation&, const std::shared_ptr<Exchange>&);

struct Route {
  std::string_view method;  // GET stands for HEAD too
  std::string_view path;
  Handler handle;
};

constexpr Route kRoutes[] = {
    {"POST", "/api/chat",
     [](Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
       HandleGeneration(simulation, exchange, /*is_chat=*/true);
     }},
    {"POST", "/api/generate",
     [](Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
       HandleGeneration(simulation, exchange, /*is_chat=*/false);
     }},
    {"GET", "/api/version",
     [](Simulation& simulation, const std::shared_ptr<Exchange>& exchange) {
       exchange->ReplyJson(Concat("{\"version\":", Quoted(simulation.options.version), "}"));
     }},
    {"GET", "/",
     [](Simulation&, const std::shared_ptr<Exchange>& exchange) {
       exchange->Reply(200, "text/plain; charset=utf-8", "Ollama is running");
     }},
    {"GET", "/api/tags", HandleTags},
    {"GET", "/api/ps", HandlePs},
    {"POST", "/api/show", HandleShow},
    {"POST", "/api/copy", HandleCopy},
    {"DELETE", "/api/delete", HandleDelete},
    {"POST", "/api/embed", HandleEmbed},
    {"POST", "/api/embeddings", HandleOldEmbeddings},
    {"POST", "/api/pull", HandlePull},
    {"POST", "/api/create", HandleCreate},
    {"GET", "/simulator/state", HandleState},
    {"POST", "/simulator/script", HandleScript},
    {"DELETE", "/simulator/script", HandleClearScript},
    {"POST", "/simulator/runner/kill", HandleKillRunner},
    {"POST", "/simulator/clear", HandleClear},
};

bool MethodFits(std::string_view route, std::string_view method) {
  return route == method || (route == "GET" && method == "HEAD");
}

bool ReadsItsScript(std::string_view path) {
  return IsGenerationPath(path) || path == "/api/pull" || path == "/api/create";
}

bool IsPrivateAddress(std::string_view host) {
  in_addr address;
  if (inet_pton(AF_INET, std::string(host).c_str(), &address) != 1) {
    return host == "::1" || host == "[::1]";
  }
  const uint32_t ip = ntohl(address.s_addr);
  return ip == 0 || ip >> 24 == 127 || ip >> 24 == 10 || ip >> 20 == (172 << 4 | 1) ||
         ip >> 16 == (192 << 8 | 168);
}

}  // namespace

bool IsAllowedHost(std::string_view host) {
  if (host.starts_with("[")) {
    host = host.substr(0, host.find(']') + 1);
  } else {
    host = host.substr(0, host.rfind(':'));
  }
  if (host.empty() || host == "localhost" || IsPrivateAddress(host)) {
    return true;
  }
  const std::string lower = Lower(host);
  char own_name[256] = "";
  gethostname(own_name, sizeof(own_name) - 1);
  if (lower == "localhost" || lower == Lower(own_name)) {
    return true;
  }
  return lower.ends_with(".localhost") || lower.ends_with(".local") || lower.ends_with(".internal");
}

bool IsAllowedOrigin(std::string_view origin) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    std::string_view host = origin;
    if (ConsumePrefix(host, scheme)) {
      host = host.substr(0, host.rfind(':'));
      return host == "localhost" || host == "127.0.0.1" || host == "0.0.0.0";
    }
  }
  return origin.starts_with("app://") || origin.starts_with("file://") ||
         origin.starts_with("tauri://") || origin.starts_with("vscode-");
}

bool Router::Refused(Exchange& exchange) const {
  const HttpRequest& request = exchange.request();
  if (!IsAllowedHost(request.host) ||
      (!request.origin.empty() && !IsAllowedOrigin(request.origin))) {
    exchange.ReplyEmpty(403);
    return true;
  }
  if (exchange.body_too_large()) {
    exchange.ReplyError(413, "");
    return true;
  }
  return false;
}

bool Router::OnHead(const std::shared_ptr<Exchange>& exchange) {
  return StartBlobUpload(*simulation_, exchange);
}

void Router::OnRequest(const std::shared_ptr<Exchange>& exchange) {
  const HttpRequest& request = exchange->request();
  if (Refused(*exchange)) {
    return;
  }
  // Some handlers read their script themselves, for it depends on the body.
  if (!simulation_->scripts.empty() && !ReadsItsScript(request.path)) {
    if (const auto script = simulation_->scripts.Take(request.path, {}, {})) {
      if (script->delivery.has_value()) exchange->SetDelivery(*script->delivery);
      if (script->fault.has_value() && PlayEarlyFault(*exchange, *script->fault)) return;
    }
  }
  if (HandleBlob(*simulation_, exchange)) {
    return;
  }
  bool path_known = false;
  for (const Route& route : kRoutes) {
    if (route.path != request.path) continue;
    path_known = true;
    if (MethodFits(route.method, request.method)) {
      route.handle(*simulation_, exchange);
      return;
    }
  }
  if (path_known) {
    exchange->Reply(405, kTextType, "405 method not allowed");
  } else {
    exchange->Reply(404, kTextType, "404 page not found");
  }
}

}  // namespace tessera::simulator
