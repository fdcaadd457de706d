// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/temp-dir.h"

namespace crsp::lab {

struct Ended {
    int code;
    std::string output;
    std::string errors;
};

/// crsp-lab in a folder of its own.
class LabProgram : public testing::Test {
  protected:
    static std::string Read(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

    Ended Lab(const std::string& arguments) const {
        return Shell(std::string(CRSP_BIN_DIR) + "/crsp-lab " + arguments);
    }

    Ended Shell(const std::string& command) const {
        const std::string redirected =
            command + " >" + m_folder + "/stdout 2>" + m_folder + "/stderr";
        const int status = std::system(redirected.c_str());
        return {WEXITSTATUS(status), Read(m_folder + "/stdout"), Read(m_folder + "/stderr")};
    }

    /// That of the run, whose name goes on with a hash.
    static std::string FolderOf(const std::string& start) {
        const std::filesystem::path path(start + "-");
        for (const auto& each : std::filesystem::directory_iterator(path.parent_path())) {
            const auto name = each.path().filename().string();
            if (name.starts_with(path.filename().string())) return each.path().string();
        }
        return start;
    }

    /// Runs a shipped scenario made smaller.
    Ended Scenario(const std::string& name, const std::string& arguments) const {
        return Lab("scenario " CRSP_SOURCE_DIR "/scenarios/" + name + ".toml --out " + m_folder +
                   "/out " + arguments);
    }

    const TempDir m_temporary;
    const std::string m_folder = m_temporary.Path();
};

}  // namespace crsp::lab
