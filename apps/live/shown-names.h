// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "model/media/catalogue.h"

namespace crsp {

/// The names of `entries`, in their order, for people: safe on a terminal (see PrintableName), and
/// each line another. Names that differ in upper and lower case only, in how Unicode writes the
/// same letter, in blanks at an end or beside others, in the kind of blank, or in nothing, end in
/// ` [#ID]` with the id of their entry; so do names that end so by themselves, and those that would
/// mean another entry, as they read `#ID` or are escaped so that another is called what they read.
/// CatalogueWalk understands that ending: what is shown plays its own entry.
std::vector<std::string> ShownNames(const std::vector<CatalogueEntry>& entries);

}  // namespace crsp
