// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/regular-file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace crsp::lab {

std::optional<std::string> ReadRegularFile(const std::string& path, std::size_t most) {
    std::error_code error;
    // Opening a pipe would wait for a writer.
    if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
    const auto size = std::filesystem::file_size(path, error);
    std::ifstream stream(path, std::ios::binary);
    if (error || !stream) return std::nullopt;
    std::string text(std::min<std::uintmax_t>(size, most + 1), '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
    if (stream.bad()) return std::nullopt;
    return text;
}

}  // namespace crsp::lab
