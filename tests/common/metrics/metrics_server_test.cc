// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/metrics_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/counter.h>

#include <memory>
#include <string>

#include "common/http/curl_http_client.h"
#include "common/http/fetch_all.h"
#include "common/metrics/process_metrics.h"
#include "tests/support/status_matchers.h"

namespace tessera {
namespace {

using ::testing::HasSubstr;
using testing::IsError;
using testing::IsOk;

std::string Scrape(int port, int expected_status = 200, const std::string& path = "/metrics") {
  auto http = MakeCurlHttpClient({});
  EXPECT_THAT(http, IsOk());
  HttpRequest request{.url = fmt::format("http://127.0.0.1:{}{}", port, path)};
  const auto response = FetchAll(**http, std::move(request));
  EXPECT_THAT(response, IsOk());
  if (!response.ok()) return "";
  EXPECT_EQ(response->status, expected_status);
  return response->body;
}

TEST(MetricsServerTest, ServesTheRegistryOnAFreePort) {
  auto registry = std::make_shared<prometheus::Registry>();
  prometheus::BuildCounter()
      .Name("cows_total")
      .Help("Cows.")
      .Register(*registry)
      .Add({})
      .Increment(3);
  const auto server = MetricsServer::Start("127.0.0.1:0", registry);
  ASSERT_THAT(server, IsOk());
  EXPECT_GT((*server)->port(), 0);
  const std::string text = Scrape((*server)->port());
  EXPECT_THAT(text, HasSubstr("# HELP cows_total Cows."));
  EXPECT_THAT(text, HasSubstr("# TYPE cows_total counter"));
  EXPECT_THAT(text, HasSubstr("\ncows_total 3"));
}

TEST(MetricsServerTest, ServesNothingBesideMetrics) {
  const auto server = MetricsServer::Start("127.0.0.1:0", std::make_shared<prometheus::Registry>());
  ASSERT_THAT(server, IsOk());
  Scrape((*server)->port(), 404, "/etc/passwd");
}

TEST(MetricsServerTest, SaysThatThePortIsTaken) {
  auto registry = std::make_shared<prometheus::Registry>();
  const auto first = MetricsServer::Start("127.0.0.1:0", registry);
  ASSERT_THAT(first, IsOk());
  const std::string address = fmt::format("127.0.0.1:{}", (*first)->port());
  const auto second = MetricsServer::Start(address, registry);
  EXPECT_THAT(second, IsError(absl::StatusCode::kUnavailable, "METRICS_ADDRESS_IN_USE"));
  EXPECT_EQ(MetadataOf(second.status(), "address"), address);
}

TEST(MetricsServerTest, SaysThatTheAddressIsNone) {
  EXPECT_THAT(MetricsServer::Start("nowhere", std::make_shared<prometheus::Registry>()),
              IsError(absl::StatusCode::kUnavailable, "METRICS_ADDRESS_IN_USE"));
}

TEST(MetricsServerTest, AsksCollectorsAtEachScrapeAndOutlivesThem) {
  const auto server = MetricsServer::Start("127.0.0.1:0", std::make_shared<prometheus::Registry>());
  ASSERT_THAT(server, IsOk());
  auto process = std::make_shared<ProcessMetrics>("test", "1.2.3");
  (*server)->Add(process);
  EXPECT_THAT(Scrape((*server)->port()),
              HasSubstr(R"(tessera_build_info{service="test",version="1.2.3"} 1)"));
  process.reset();
  EXPECT_EQ(Scrape((*server)->port()).find("tessera_build_info"), std::string::npos);
}

}  // namespace
}  // namespace tessera
