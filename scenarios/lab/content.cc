// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/content.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "apps/digest/content-digest.h"
#include "model/base/random.h"

namespace crsp::lab {
namespace {

[[noreturn]] void FailOn(const std::string& file) {
    throw std::system_error(errno, std::generic_category(), file);
}

std::vector<std::byte> ReadFile(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) FailOn(file);
    std::vector<std::byte> bytes(std::filesystem::file_size(file));
    stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!stream) FailOn(file);
    return bytes;
}

/// Of the bytes from `offset` on.
std::string DigestOf(ConstByteSpan bytes, std::uint64_t offset = 0) {
    ContentDigest digest;
    digest.Update(bytes.subspan(std::min<std::uint64_t>(offset, bytes.size())));
    return digest.Finish();
}

}  // namespace

std::vector<std::byte> LoadContent(const ContentSpec& content) {
    if (!content.file.empty()) return ReadFile(content.file);
    std::vector<std::byte> bytes(content.size);
    FillGenerated(StableHash(content.name), 0, bytes);
    return bytes;
}

std::string ContentHash(const ContentSpec& content, std::uint64_t offset) {
    return DigestOf(LoadContent(content), offset);
}

std::vector<std::byte> ReplacedContent(const ContentSpec& content) {
    return LoadContent({content.name + " replaced", "", content.size});
}

std::string ReplacedContentHash(const ContentSpec& content, std::uint64_t offset) {
    return DigestOf(ReplacedContent(content), offset);
}

void FillStore(const Scenario& scenario, MemoryContentStore& store) {
    for (const ContentSpec& content : scenario.content) {
        if (content.file.empty()) {
            store.AddGenerated(content.name, content.size, StableHash(content.name));
        } else {
            store.AddBytes(content.name, LoadContent(content));
        }
    }
}

void WriteContents(const Scenario& scenario, const std::string& folder) {
    std::filesystem::create_directories(folder);
    for (const ContentSpec& content : scenario.content) {
        const auto path = std::filesystem::path(folder) / content.name;
        const auto bytes = LoadContent(content);
        std::ofstream stream(path, std::ios::binary | std::ios::trunc);
        stream.write(reinterpret_cast<const char*>(bytes.data()),
                     static_cast<std::streamsize>(bytes.size()));
        stream.close();
        if (!stream) FailOn(path.string());
    }
}

const ContentSpec* PlayedLast(const Scenario& scenario, const FlowSpec& flow) {
    const ContentSpec* played = nullptr;
    for (const ScriptStep& step : flow.script) {
        if (step.verb != Verb::kPlay) continue;
        for (const ContentSpec& content : scenario.content) {
            if (content.name == step.argument) played = &content;
        }
    }
    return played;
}

std::string HashOf(std::string_view text) {
    return DigestOf(AsBytes(text));
}

std::string ScenarioHash(const Scenario& scenario) {
    ContentDigest hash;
    hash.Update(AsBytes(scenario.canonical));
    for (const ContentSpec& content : scenario.content) {
        if (!content.file.empty()) hash.Update(AsBytes(ContentHash(content)));
    }
    const auto add = [&](const SharedLink& hop) {
        for (const LinkSpec* link : {&hop.down, &hop.up}) {
            if (link->trace) hash.Update(AsBytes(FormatTrace(*link->trace)));
        }
    };
    add(scenario.link);
    for (const SharedLink& hop : scenario.hops) add(hop);
    return hash.Finish();
}

}  // namespace crsp::lab
