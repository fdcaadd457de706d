// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <SQLiteCpp/Database.h>

#include <stdexcept>
#include <string>

namespace crsp::lab {

/// The format that this program writes and reads, as `PRAGMA user_version`.
inline constexpr int kResultsFormat = 2;

/// A file that is there and is not a database of results in this format. The message is one
/// sentence that says what to do.
class WrongResults : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Opens or, if it is not there, creates the database at `path`; its folder must exist. Write-ahead
/// log; foreign keys are on. Throws WrongResults or SQLite::Exception.
SQLite::Database OpenResultsDatabase(const std::string& path);

/// Opens one that is there, to read. Throws as above.
SQLite::Database OpenResultsToRead(const std::string& path);

}  // namespace crsp::lab
