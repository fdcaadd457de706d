// SPDX-License-Identifier: BSD-3-Clause
// For CMake: headers are precompiled for a library that has a source.
