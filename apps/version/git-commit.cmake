# SPDX-License-Identifier: BSD-3-Clause
# Writes OUTPUT, the definition of GitCommit() for the work tree at SOURCE_DIR, if it has changed.
execute_process(
    COMMAND git -C ${SOURCE_DIR} describe --always --abbrev=40 --exclude=* --dirty
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
    set(commit "unknown")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "apps/version/version.h"

namespace crsp {

std::string_view GitCommit() { return "@commit@"; }

}  // namespace crsp
]])
