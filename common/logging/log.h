// SPDX-License-Identifier: Apache-2.0
//
// Structured logs: one JSON object a line on standard error, or readable text on a terminal.
//
//   LogInfo("model loaded", {{"model", name}, {"seconds", 1.2}});
//   {"time":"2026-01-31T12:00:00.123Z","level":"info","service":"inference","message":"model
//    loaded","model":"qwen3-vl:4b","seconds":1.2}
//
// All functions are thread-safe. Nothing here may receive a picture's or a prompt's content.
#ifndef TESSERA_COMMON_LOGGING_LOG_H_
#define TESSERA_COMMON_LOGGING_LOG_H_

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace tessera {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kJson, kText };

struct LogOptions {
  std::string service;               // Value of "service" in every line.
  LogLevel level = LogLevel::kInfo;  // Lines below it are dropped before they are built.
  LogFormat format = LogFormat::kJson;
};

// Sets the process up. Call once, early in main; before it, lines of kWarning and above appear
// with an empty service.
void InitLogging(const LogOptions& options);

// From the words of a flag: debug, info, warning, error, off; json, text. Unknown words give the
// defaults of LogOptions.
LogLevel LogLevelFromName(std::string_view name);
LogFormat LogFormatFromName(std::string_view name);

// One key of a line. Keys are snake_case; durations in seconds, sizes in bytes.
struct LogField {
  using Value = std::variant<std::string_view, int64_t, double, bool>;
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  template <std::integral T>
  LogField(std::string_view k, T v) : key(k), value(MakeIntegral(v)) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}

  std::string_view key;
  Value value;

 private:
  template <std::integral T>
  static Value MakeIntegral(T v) {
    if constexpr (std::same_as<T, bool>)
      return Value(v);
    else
      return Value(static_cast<int64_t>(v));
  }
};

using LogFields = std::initializer_list<LogField>;

void LogDebug(std::string_view message, LogFields fields = {});
void LogInfo(std::string_view message, LogFields fields = {});
void LogWarning(std::string_view message, LogFields fields = {});
void LogError(std::string_view message, LogFields fields = {});

}  // namespace tessera

#endif  // TESSERA_COMMON_LOGGING_LOG_H_
