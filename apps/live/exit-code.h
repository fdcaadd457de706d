// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace crsp {

/// What a program tells the shell; the numbers of sysexits.h where one fits.
enum class ExitCode : int {
    kOk = 0,
    kFailed = 1,         ///< also: an output file that cannot be made
    kUsage = 64,         ///< the command line
    kBadData = 65,       ///< a file was found, and what is in it is not right
    kNoInput = 66,       ///< a file or directory is missing or cannot be read
    kUnavailable = 69,   ///< nothing from the peer, unknown server, or the port is in use
    kInternal = 70,      ///< a bug of ours
    kTimeout = 75,       ///< no result within --timeout; trying again may help
    kProtocol = 76,      ///< the peer broke the protocol
    kRefused = 77,       ///< a key is not the known one, not allowed, or a pairing was refused
    kConfig = 78,        ///< a file of keys or peers that must not be used, or a peer unknown
    kHungUp = 129,       ///< SIGHUP, where there is nothing that it has read again
    kInterrupted = 130,  ///< SIGINT
    kTerminated = 143,   ///< SIGTERM
};

/// Why a program ends early: one sentence for a person, one number for a script.
struct NodeError {
    ExitCode code = ExitCode::kFailed;
    std::string message;
};

}  // namespace crsp
