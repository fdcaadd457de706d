// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/slurm-files.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace crsp::lab {

std::string WholePath(const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
}

void SaveText(const std::string& path, const std::string& text) {
    errno = 0;
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (file) return;
    throw std::filesystem::filesystem_error("write", path,
                                            std::error_code(errno, std::generic_category()));
}

std::optional<std::string> FirstLine(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string line;
    if (!std::getline(file, line) || file.eof()) return std::nullopt;
    return line;
}

std::optional<std::string> FindProgram(const std::string& name) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(path != nullptr ? path : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::string program = (folder.empty() ? "." : folder) + "/" + name;
        std::error_code ignored;
        if (access(program.c_str(), X_OK) == 0 &&
            std::filesystem::is_regular_file(program, ignored)) {
            return program;
        }
    }
    return std::nullopt;
}

}  // namespace crsp::lab
