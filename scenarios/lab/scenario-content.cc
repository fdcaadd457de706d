// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "model/media/catalogue.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kMaxContentBytes = std::uint64_t{4} << 30;

/// Content travels with the scenario, so that a scenario cannot read what it was not given.
void FindContentFile(TomlTable& table, const std::filesystem::path& folder, ContentSpec& content) {
    const std::filesystem::path relative = table.Text("file");
    if (!StaysBelow(relative)) {
        table.Refuse("file", "expected a path below the scenario's folder");
    }
    std::error_code error;
    content.file = (folder / relative).string();
    content.size = std::filesystem::file_size(content.file, error);
    if (error) {
        table.Refuse("file", fmt::format("expected a readable file, but {}: {}", content.file,
                                         error.message()));
    }
}

ContentSpec ReadContent(TomlTable table, const std::filesystem::path& folder) {
    ContentSpec content;
    content.name = table.Text("name");
    if (content.name.find('/') != std::string::npos || content.name.front() == '.' ||
        content.name.size() > kMaxNameSize) {
        table.Refuse("name", "expected at most 255 bytes without '/' and not beginning with '.'");
    }
    if (table.Has("file") == table.Has("size")) {
        table.Refuse("", "expected either file or size");
    }
    if (table.Has("file")) FindContentFile(table, folder, content);
    if (table.Has("size")) content.size = table.Unit("size", ParseSize);
    if (content.size > kMaxContentBytes) table.Refuse("size", "expected at most 4 GiB");
    table.Finish();
    return content;
}

}  // namespace

bool HoldsContent(const Scenario& scenario, const std::string& entry) {
    return std::any_of(scenario.content.begin(), scenario.content.end(),
                       [&](const ContentSpec& content) { return content.name == entry; });
}

void ReadContents(TomlTable& root, Scenario& scenario) {
    const auto folder = std::filesystem::path(scenario.file).parent_path();
    for (const TomlTable& table : root.Tables("content")) {
        ContentSpec content = ReadContent(table, folder);
        if (HoldsContent(scenario, content.name))
            table.Refuse("name", "expected a name not used above");
        scenario.content.push_back(std::move(content));
    }
    if (scenario.content.empty()) root.Refuse("content", "expected at least one [[content]]");
}

}  // namespace crsp::lab
