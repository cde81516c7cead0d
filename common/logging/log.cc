// SPDX-License-Identifier: Apache-2.0
#include "common/logging/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

namespace tessera {
namespace {

struct Sink {
  Sink() : logger(spdlog::stderr_color_mt("tessera")) {
    logger->set_level(spdlog::level::warn);
    logger->set_pattern("%v");
    logger->flush_on(spdlog::level::info);
  }
  std::shared_ptr<spdlog::logger> logger;
  std::string service;
  LogFormat format = LogFormat::kJson;
};

// Leaked on purpose: threads may log while static objects are being destroyed.
Sink& TheSink() {
  static Sink* const sink = new Sink;
  return *sink;
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

std::string RenderJson(std::string_view level, std::string_view message, LogFields fields) {
  nlohmann::ordered_json line;
  line["level"] = level;
  line["service"] = TheSink().service;
  line["message"] = message;
  for (const LogField& field : fields) {
    std::visit([&](const auto& value) { line[std::string(field.key)] = value; }, field.value);
  }
  // The time is put in by the sink's pattern, so that it is taken once and formatted there.
  std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return text.substr(1);
}

// What would begin another line, or talk to the terminal, is shown as its code.
std::string OnOneLine(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(result), "\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result;
}

std::string RenderText(std::string_view message, LogFields fields) {
  std::string text(message);
  for (const LogField& field : fields) {
    std::visit(
        [&](const auto& value) {
          fmt::format_to(std::back_inserter(text), "  {}={}", field.key, value);
        },
        field.value);
  }
  return OnOneLine(text);
}

void Log(LogLevel level, std::string_view name, std::string_view message, LogFields fields) {
  Sink& sink = TheSink();
  const auto spdlog_level = ToSpdlog(level);
  if (!sink.logger->should_log(spdlog_level)) return;
  sink.logger->log(spdlog_level, sink.format == LogFormat::kJson ? RenderJson(name, message, fields)
                                                                 : RenderText(message, fields));
}

}  // namespace

void InitLogging(const LogOptions& options) {
  Sink& sink = TheSink();
  sink.service = options.service;
  sink.format = options.format;
  sink.logger->set_level(ToSpdlog(options.level));
  if (options.format == LogFormat::kJson) {
    sink.logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v)",
                             spdlog::pattern_time_type::utc);
  } else {
    sink.logger->set_pattern("%H:%M:%S.%e %^%l%$ %v");
  }
}

LogLevel LogLevelFromName(std::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  if (name == "error") return LogLevel::kError;
  if (name == "off") return LogLevel::kOff;
  return LogLevel::kInfo;
}

LogFormat LogFormatFromName(std::string_view name) {
  return name == "text" ? LogFormat::kText : LogFormat::kJson;
}

void LogDebug(std::string_view message, LogFields fields) {
  Log(LogLevel::kDebug, "debug", message, fields);
}
void LogInfo(std::string_view message, LogFields fields) {
  Log(LogLevel::kInfo, "info", message, fields);
}
void LogWarning(std::string_view message, LogFields fields) {
  Log(LogLevel::kWarning, "warning", message, fields);
}
void LogError(std::string_view message, LogFields fields) {
  Log(LogLevel::kError, "error", message, fields);
}

}  // namespace tessera
