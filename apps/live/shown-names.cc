// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/shown-names.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <cstdlib>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "model/media/catalogue-walk.h"

namespace crsp {
namespace {

/// Without blanks at either end, and with one wherever there are some. `text` is UTF-8.
std::string WithOneBlank(std::string_view text) {
    std::string out;
    bool due = false;
    while (!text.empty()) {
        utf8proc_int32_t character = 0;
        const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                           static_cast<utf8proc_ssize_t>(text.size()), &character);
        if (size <= 0) return out.append(text);
        const bool blank = utf8proc_category(character) == UTF8PROC_CATEGORY_ZS;
        if (due && !blank && !out.empty()) out += ' ';
        due = blank;
        if (!blank) out += text.substr(0, static_cast<std::size_t>(size));
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return out;
}

/// The same for names that people would take for the same. `text` is UTF-8 without NUL.
std::string Folded(const std::string& text) {
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.c_str());
    const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> folded(utf8proc_NFKC_Casefold(bytes),
                                                                    std::free);
    return WithOneBlank(folded ? std::string(reinterpret_cast<const char*>(folded.get())) : text);
}

/// Whether it means an entry by its id, whatever the entry of this name is.
bool NamesAnId(std::string_view text) {
    return IdShownIn(text) || EntryIdOf(text);
}

}  // namespace

std::vector<std::string> ShownNames(const std::vector<CatalogueEntry>& entries) {
    std::vector<std::string> shown;
    std::vector<std::string> folded;
    std::unordered_map<std::string, std::size_t> count;
    std::unordered_set<std::string_view> names;
    shown.reserve(entries.size());
    folded.reserve(entries.size());
    for (const auto& entry : entries) {
        shown.push_back(PrintableName(entry.name));
        folded.push_back(Folded(shown.back()));
        ++count[folded.back()];
        names.insert(entry.name);
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const bool namesAnother = shown[i] != entries[i].name && names.contains(shown[i]);
        const bool plain = count[folded[i]] == 1 && !namesAnother;
        if (plain && !NamesAnId(shown[i]) && !NamesAnId(folded[i])) continue;
        shown[i] += fmt::format(" [#{}]", entries[i].id);
    }
    return shown;
}

}  // namespace crsp
