// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "apps/cli/file-descriptor.h"

namespace crsp {

/// Whether the kernel has openat2 (Linux 5.6, and not refused by a sandbox).
bool HaveOpenat2();

/// Opens `path` (relative, of plain components) for reading beneath the folder `root`: no symbolic
/// link is followed, `..` is refused, no other file system is entered. Never blocks, not even on a
/// FIFO. errno says why if the result is not open.
FileDescriptor OpenBeneath(int root, const std::string& path);

/// The same without openat2, one component after the other.
FileDescriptor OpenBeneathByComponents(int root, const std::string& path);

/// Either of them.
using BeneathOpener = FileDescriptor (*)(int root, const std::string& path);

}  // namespace crsp
