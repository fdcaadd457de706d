// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/media/memory-content-store.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// The bytes of one entry: read from its file, or generated from its name, the same on every
/// machine. Throws std::system_error if the file cannot be read.
std::vector<std::byte> LoadContent(const ContentSpec& content);

/// SHA-256 in hex, of the bytes from `offset` on.
std::string ContentHash(const ContentSpec& content, std::uint64_t offset = 0);

/// What a fault puts in its place: as many other bytes.
std::vector<std::byte> ReplacedContent(const ContentSpec& content);
std::string ReplacedContentHash(const ContentSpec& content, std::uint64_t offset = 0);

/// Adds every entry of the scenario.
void FillStore(const Scenario& scenario, MemoryContentStore& store);

/// Writes every entry under its name into `folder`, which is made if it is missing; what a live
/// server offers. Throws std::system_error.
void WriteContents(const Scenario& scenario, const std::string& folder);

/// The entry that the flow's script plays last; null if it plays none.
const ContentSpec* PlayedLast(const Scenario& scenario, const FlowSpec& flow);

/// SHA-256 in hex.
std::string HashOf(std::string_view text);

/// SHA-256 in hex over the scenario after overrides and the bytes of all its content: equal for two
/// runs exactly if they asked the same question.
std::string ScenarioHash(const Scenario& scenario);

}  // namespace crsp::lab
