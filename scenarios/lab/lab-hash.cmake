# SPDX-License-Identifier: GPL-2.0-only
# Writes OUTPUT, the definition of LabHash() for the files in the list SOURCES, a file of one path
# a line.
file(STRINGS ${SOURCES} sources)
set(hashes)
foreach(source IN LISTS sources)
    file(SHA256 ${source} hash)
    string(APPEND hashes "${hash}\n")
endforeach()
string(SHA256 hash "${hashes}")
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "scenarios/lab/lab-hash.h"

namespace crsp::lab {

std::string_view LabHash() { return "@hash@"; }

}  // namespace crsp::lab
]])
