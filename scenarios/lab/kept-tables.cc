// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/kept-tables.h"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace crsp::lab {

void KeepTables(const std::string& path, const std::string& text) {
    std::ofstream stream(path);
    stream << text;
    stream.close();
    if (!stream) throw std::system_error(errno, std::generic_category(), path);
}

}  // namespace crsp::lab
