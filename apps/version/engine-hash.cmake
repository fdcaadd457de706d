# SPDX-License-Identifier: BSD-3-Clause
# Writes OUTPUT, the definition of EngineHash() for ARCHIVE.
file(SHA256 ${ARCHIVE} hash)
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "apps/version/version.h"

namespace crsp {

std::string_view EngineHash() { return "@hash@"; }

}  // namespace crsp
]])
