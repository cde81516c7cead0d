// SPDX-License-Identifier: Apache-2.0
//
// A JSON document that a JSON schema allows: what a model that is held to the schema could say.
#ifndef TESSERA_SIMULATOR_SCHEMA_SAMPLE_H_
#define TESSERA_SIMULATOR_SCHEMA_SAMPLE_H_

#include <string>
#include <string_view>
#include <vector>

namespace tessera::simulator {

struct SchemaSample {
  std::string json;
  // The first enum value that was chosen: where it stands in `json`, and all it could have been.
  size_t choice_begin = 0;
  size_t choice_length = 0;
  std::vector<std::string> choices;  // texts without quotes; empty when the schema has no enum
};

// `label` is taken wherever an enum offers it, else the first value. Free strings say `filler`.
SchemaSample SampleSchema(std::string_view schema_json, std::string_view label,
                          std::string_view filler);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_SCHEMA_SAMPLE_H_
