// SPDX-License-Identifier: Apache-2.0
//
// Options that several commands have, each a word for a value of the API.
#ifndef TESSERA_CLI_ANSWER_CHOICES_H_
#define TESSERA_CLI_ANSWER_CHOICES_H_

#include <tessera/inference/v1/conversation.pb.h>

namespace CLI {
class App;
}

namespace tessera::cli {

// `--cache off|use|refresh`.
void AddCacheOption(CLI::App& command, inference::v1::CachePolicy& policy);

// `--think off|on|low|medium|high`.
void AddThinkingOption(CLI::App& command, inference::v1::Thinking& thinking);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_ANSWER_CHOICES_H_
