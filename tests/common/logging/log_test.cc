// SPDX-License-Identifier: Apache-2.0
#include "common/logging/log.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace tessera {
namespace {

using nlohmann::json;

template <typename Write>
std::string Logged(const LogOptions& options, Write write) {
  ::testing::internal::CaptureStderr();
  InitLogging(options);
  write();
  return ::testing::internal::GetCapturedStderr();
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(LogTest, WritesOneJsonObjectALine) {
  const std::string text = Logged({.service = "inference"}, [] {
    LogInfo("model loaded",
            {{"model", "qwen3-vl:4b"}, {"seconds", 1.5}, {"port", 7001}, {"warm", true}});
  });
  const std::vector<std::string> lines = Lines(text);
  ASSERT_EQ(lines.size(), 1);
  const json line = json::parse(lines[0]);
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["service"], "inference");
  EXPECT_EQ(line["message"], "model loaded");
  EXPECT_EQ(line["model"], "qwen3-vl:4b");
  EXPECT_EQ(line["seconds"], 1.5);
  EXPECT_EQ(line["port"], 7001);
  EXPECT_EQ(line["warm"], true);
}

TEST(LogTest, TellsTheTimeInUtcWithMilliseconds) {
  const std::string text = Logged({.service = "s"}, [] { LogInfo("tick"); });
  const std::string time = json::parse(text)["time"];
  EXPECT_EQ(time.size(), std::string("2026-01-31T12:00:00.123Z").size()) << time;
  EXPECT_EQ(time[10], 'T');
  EXPECT_EQ(time.back(), 'Z');
}

TEST(LogTest, CannotBeMadeToForgeALine) {
  const std::string hostile = "x\"}\n{\"level\":\"error\",\"bad\":\"\xFF %v {} \\";
  const std::string text = Logged({.service = "s"}, [&] {
    LogWarning(hostile, {{"value", hostile}, {"key \"", "v"}});
  });
  const std::vector<std::string> lines = Lines(text);
  ASSERT_EQ(lines.size(), 1) << text;
  const json line = json::parse(lines[0]);
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["message"], line["value"]);
  EXPECT_EQ(line["message"], "x\"}\n{\"level\":\"error\",\"bad\":\"\uFFFD %v {} \\");
}

TEST(LogTest, WritesNumbersThatJsonDoesNotHaveAsNull) {
  const std::string text = Logged({.service = "s"}, [] {
    LogInfo("n", {{"nan", std::numeric_limits<double>::quiet_NaN()},
                  {"big", std::numeric_limits<int64_t>::max()}});
  });
  const json line = json::parse(text);
  EXPECT_TRUE(line["nan"].is_null());
  EXPECT_EQ(line["big"], std::numeric_limits<int64_t>::max());
}

TEST(LogTest, DropsLinesBelowTheLevel) {
  const auto all = [] {
    LogDebug("debug");
    LogInfo("info");
    LogWarning("warning");
    LogError("error");
  };
  EXPECT_EQ(Lines(Logged({.service = "s", .level = LogLevel::kDebug}, all)).size(), 4);
  EXPECT_EQ(Lines(Logged({.service = "s"}, all)).size(), 3);
  EXPECT_EQ(Lines(Logged({.service = "s", .level = LogLevel::kWarning}, all)).size(), 2);
  EXPECT_EQ(Lines(Logged({.service = "s", .level = LogLevel::kError}, all)).size(), 1);
  EXPECT_EQ(Logged({.service = "s", .level = LogLevel::kOff}, all), "");
}

TEST(LogTest, WritesReadableTextWhenAsked) {
  const std::string text = Logged({.service = "s", .format = LogFormat::kText}, [] {
    LogInfo("serving", {{"port", 7001}});
  });
  EXPECT_NE(text.find("info"), std::string::npos) << text;
  EXPECT_NE(text.find("serving  port=7001"), std::string::npos) << text;
  EXPECT_EQ(text.find('{'), std::string::npos) << text;
}

TEST(LogTest, KeepsATextLineALine) {
  const std::string text = Logged({.service = "s", .format = LogFormat::kText}, [] {
    LogInfo("one\ntwo", {{"value", "three\r\nfour\x1B[31m"}});
  });
  EXPECT_EQ(Lines(text).size(), 1) << text;
  EXPECT_EQ(text.find("\x1B[31m"), std::string::npos) << text;
}

TEST(LogTest, KeepsLinesOfSeveralThreadsApart) {
  const std::string text = Logged({.service = "s"}, [] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([i] {
        for (int n = 0; n < 50; ++n) LogInfo("line", {{"thread", i}, {"n", n}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  const std::vector<std::string> lines = Lines(text);
  EXPECT_EQ(lines.size(), 200);
  for (const std::string& line : lines) EXPECT_TRUE(json::accept(line)) << line;
}

TEST(LogTest, ReadsTheWordsOfItsFlags) {
  EXPECT_EQ(LogLevelFromName("debug"), LogLevel::kDebug);
  EXPECT_EQ(LogLevelFromName("info"), LogLevel::kInfo);
  EXPECT_EQ(LogLevelFromName("warning"), LogLevel::kWarning);
  EXPECT_EQ(LogLevelFromName("error"), LogLevel::kError);
  EXPECT_EQ(LogLevelFromName("off"), LogLevel::kOff);
  EXPECT_EQ(LogLevelFromName("loud"), LogLevel::kInfo);
  EXPECT_EQ(LogFormatFromName("text"), LogFormat::kText);
  EXPECT_EQ(LogFormatFromName("json"), LogFormat::kJson);
  EXPECT_EQ(LogFormatFromName("xml"), LogFormat::kJson);
}

}  // namespace
}  // namespace tessera
