// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

namespace tessera {
namespace {

std::string EnvironmentVariable(const std::string& prefix, std::string_view name) {
  std::string variable = absl::AsciiStrToUpper(std::string(name));
  std::replace(variable.begin(), variable.end(), '-', '_');
  return fmt::format("{}_{}", prefix, variable);
}

// CLI11 itself would let the file win over the environment.
class ConfigBelowEnvironment : public CLI::ConfigTOML {
 public:
  explicit ConfigBelowEnvironment(std::string env_prefix) : env_prefix_(std::move(env_prefix)) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> entries = CLI::ConfigTOML::from_config(input);
    std::erase_if(entries, [this](const CLI::ConfigItem& item) {
      const char* value = std::getenv(EnvironmentVariable(env_prefix_, item.name).c_str());
      return value != nullptr && *value != '\0';
    });
    return entries;
  }

 private:
  const std::string env_prefix_;
};

}  // namespace

Flags::Flags(std::string description, std::string env_prefix)
    : app_(std::move(description)), env_prefix_(std::move(env_prefix)) {
  app_.set_config("--config", "", "Read flags from this file (key = value lines)");
  app_.config_formatter(std::make_shared<ConfigBelowEnvironment>(env_prefix_));
  app_.allow_config_extras(CLI::config_extras_mode::error);
  app_.get_formatter()->column_width(44);
}

CLI::Option* Flags::Named(CLI::Option* option, std::string_view name) {
  return option->envname(
      EnvironmentVariable(env_prefix_, name.substr(name.find_first_not_of('-'))));
}

CLI::Option* Flags::Add(std::string_view name, absl::Duration& value, std::string_view help) {
  const auto parse = [&value](const CLI::results_t& given) {
    absl::Duration parsed;
    if (!absl::ParseDuration(given.front(), &parsed) || parsed < absl::ZeroDuration()) return false;
    value = parsed;
    return true;
  };
  return Named(app_.add_option(std::string(name), parse, std::string(help))
                   ->type_name("DURATION")
                   ->default_str(absl::FormatDuration(value)),
               name);
}

CLI::Option* Flags::AddSwitch(std::string_view name, bool& value, std::string_view help) {
  return Named(app_.add_flag(std::string(name), value, std::string(help)), name);
}

int Flags::Parse(int argc, const char* const* argv, std::string_view version) {
  app_.set_version_flag("--version", std::string(version), "Print the version and exit");
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app_.exit(error);
  }
  return -1;
}

}  // namespace tessera
