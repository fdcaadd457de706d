# SPDX-License-Identifier: BSD-3-Clause
# Writes OUTPUT, the definition of EngineHash() for ARCHIVE: its code, without what is kept beside
# it for optimising programs as one unit, in which the paths of the tree stand.
execute_process(
    COMMAND ${OBJCOPY} -D -R .gnu.lto_* -R .gnu.debuglto_* ${ARCHIVE} ${OUTPUT}.a
    COMMAND_ERROR_IS_FATAL ANY)
file(SHA256 ${OUTPUT}.a hash)
file(REMOVE ${OUTPUT}.a)
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "apps/version/version.h"

namespace crsp {

std::string_view EngineHash() { return "@hash@"; }

}  // namespace crsp
]])
