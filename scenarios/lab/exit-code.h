// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace crsp::lab {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;        ///< a run failed or broke an expectation
inline constexpr int kExitGate = 2;          ///< the benchmark missed a target, with --gate
inline constexpr int kExitUsage = 64;        ///< bad option
inline constexpr int kExitBadData = 65;      ///< refused scenario
inline constexpr int kExitNoInput = 66;      ///< no such file
inline constexpr int kExitUnavailable = 69;  ///< Slurm refused, or does not answer
inline constexpr int kExitInternal = 70;
inline constexpr int kExitConfig = 78;  ///< Slurm is not there, or the shared folder not writable
/// Added to the number of the signal that ended the program.
inline constexpr int kExitSignal = 128;

}  // namespace crsp::lab
