// SPDX-License-Identifier: BSD-3-Clause
// Scenario files: anything a person may have written ends in a scenario or in one clear sentence.
#include <string>
#include <string_view>
#include <vector>

#include "model/base/assert.h"
#include "scenarios/lab/scenario-reader.h"
#include "tests/fuzz/fuzzed-data.h"
#include "tests/support/vt-parser.h"

namespace crsp::fuzz {
namespace {

constexpr std::string_view kOverrideMark = "\n#set ";

/// The file must be named as the scenario says; seeds are those of the library.
std::string PathFor(std::string_view text) {
    constexpr std::string_view kKey = "name = \"";
    const auto at = text.find(kKey);
    if (at == std::string_view::npos) return "fuzz.toml";
    const auto rest = text.substr(at + kKey.size());
    const auto name = rest.substr(0, rest.find('"'));
    if (name.empty() || name.find_first_of("/\n") != std::string_view::npos) return "fuzz.toml";
    return std::string(name) + ".toml";
}

/// Behind the text there may be lines `#set KEY=VALUE`, as given with --set.
std::vector<std::string> OverridesIn(std::string_view text) {
    std::vector<std::string> overrides;
    for (auto at = text.find(kOverrideMark); at != std::string_view::npos && overrides.size() < 4;
         at = text.find(kOverrideMark)) {
        text.remove_prefix(at + kOverrideMark.size());
        overrides.emplace_back(text.substr(0, text.find('\n')));
    }
    return overrides;
}

void Run(std::string_view text) {
    const auto path = PathFor(text);
    const auto scenario = lab::ParseScenario(text, path, OverridesIn(text));
    if (scenario) {
        // What was read says the same when it is read again.
        const auto again = lab::ParseScenario(text, path, OverridesIn(text));
        CRSP_ASSERT(again && again->canonical == scenario->canonical);
        return;
    }
    const auto& message = scenario.error().message;
    test::VtParser terminal(false);
    terminal.Feed(message);
    CRSP_ASSERT(!message.empty() && terminal.ControlFunctions() == 0 && terminal.AtRest());
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    crsp::fuzz::FuzzedData data(bytes, size);
    crsp::fuzz::Run(crsp::AsText(data.Rest()));
    return 0;
}
