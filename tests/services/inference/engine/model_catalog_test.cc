// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/model_catalog.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace tessera::inference {
namespace {

EngineSnapshot Version(const std::string& version) { return {.version = version}; }

TEST(ModelCatalogTest, FindsAModelWithAndWithoutItsTag) {
  EngineSnapshot snapshot;
  snapshot.models["llama3.2:latest"] = {.name = "llama3.2:latest"};
  snapshot.models["qwen3-vl:4b"] = {.name = "qwen3-vl:4b"};
  ASSERT_NE(snapshot.Find("llama3.2"), nullptr);
  EXPECT_EQ(snapshot.Find("llama3.2")->name, "llama3.2:latest");
  EXPECT_EQ(snapshot.Find("llama3.2:latest")->name, "llama3.2:latest");
  EXPECT_EQ(snapshot.Find("qwen3-vl:4b")->name, "qwen3-vl:4b");
  for (const char* name : {"qwen3-vl", "qwen3-vl:8b", "", ":", "llama3.2:"}) {
    EXPECT_EQ(snapshot.Find(name), nullptr) << name;
  }
}

TEST(ModelCatalogTest, ReadsVersions) {
  using Number = std::optional<std::pair<int, int>>;
  EXPECT_EQ(Version("0.17.4").VersionNumber(), Number({0, 17}));
  EXPECT_EQ(Version("0.33.0-rc2").VersionNumber(), Number({0, 33}));
  EXPECT_EQ(Version("1.2").VersionNumber(), Number({1, 2}));
  for (const char* version : {"", "dev", "1", "v0.17.4", "."}) {
    EXPECT_EQ(Version(version).VersionNumber(), std::nullopt) << version;
  }
}

TEST(ModelCatalogTest, KnowsWhichVersionsReportProbabilities) {
  for (const char* version : {"0.12.11", "0.12.12", "0.13.0", "0.17.4", "0.33.0-rc2", "1.0.0"}) {
    EXPECT_TRUE(Version(version).ReportsLogprobs()) << version;
  }
  for (const char* version : {"0.12.10", "0.12.0", "0.12", "0.9.6", "0.0.0", "", "dev"}) {
    EXPECT_FALSE(Version(version).ReportsLogprobs()) << version;
  }
}

TEST(ModelCatalogTest, KnowsWhichVersionsRunLlamaServer) {
  for (const char* version : {"0.30.0", "0.33.0-rc2", "1.0.0"}) {
    EXPECT_TRUE(Version(version).RunsLlamaServer()) << version;
  }
  for (const char* version : {"0.29.9", "0.17.4", "0.0.0", "", "dev"}) {
    EXPECT_FALSE(Version(version).RunsLlamaServer()) << version;
  }
}

TEST(ModelCatalogTest, ASnapshotOutlivesItsReplacement) {
  ModelCatalog catalog;
  EXPECT_FALSE(catalog.Latest()->reachable);
  EngineSnapshot first{.reachable = true, .version = "1.0"};
  first.models["m:q8"] = {.name = "m:q8"};
  catalog.Replace(first);
  const auto held = catalog.Latest();
  const ModelFacts* model = held->Find("m:q8");
  catalog.Replace({});
  EXPECT_FALSE(catalog.Latest()->reachable);
  EXPECT_TRUE(held->reachable);
  EXPECT_EQ(model->name, "m:q8");
}

}  // namespace
}  // namespace tessera::inference
