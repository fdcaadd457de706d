// SPDX-License-Identifier: BSD-3-Clause
// What servers and content say to people: names of a catalogue and other texts of peers in what the
// programs print, and foreign content through the text sink. A terminal must see characters only
// (C10), and a line must stay one line (C11).
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "apps/live/controller-report.h"
#include "apps/live/failure-text.h"
#include "apps/live/safe-text.h"
#include "model/base/assert.h"
#include "model/media/glob.h"
#include "tests/fuzz/any-message.h"
#include "tests/support/vt-parser.h"

namespace crsp::fuzz {
namespace {

using test::VtParser;

/// `text` has `lines` lines, without an end of the last, and nothing but characters in them.
void CheckPrinted(const std::string& text, std::size_t lines) {
    VtParser terminal(true);
    terminal.Feed(text);
    CRSP_ASSERT(terminal.ControlFunctions() == 0 && terminal.AtRest());
    CRSP_ASSERT(terminal.Newlines() + 1 == lines && text.find('\t') == std::string::npos);
}

/// A script gets JSON, and sees the true bytes where they differ.
void CheckJson(const nlohmann::ordered_json& json) {
    CheckPrinted(json.dump(), 1);
}

void CheckNames(FuzzedData& data) {
    CommandResult result;
    result.verb = Verb::kList;
    for (int i = 0; i < 8 && !data.Empty(); ++i) {
        const auto name = PickName(data);
        result.listing.push_back({data.U8(), 1, 2, name});
        CheckPrinted(PrintableName(name), 1);
    }
    result.total = result.listing.size() + data.Below(2);
    const bool more = result.total > result.listing.size();
    CheckPrinted(ResultText(result), 1 + result.listing.size() + more);
    CheckJson(ResultJson(result));
}

/// Different names stay different.
void CheckDistinct(FuzzedData& data) {
    const auto a = PickName(data);
    const auto b = PickName(data);
    CRSP_ASSERT((a == b) == (PrintableName(a) == PrintableName(b)));
}

void CheckListing(ConstByteSpan body) {
    const auto message = DecodeMessage(body);
    const auto* listing = message ? std::get_if<ListingMessage>(&*message) : nullptr;
    if (!listing) return;
    CommandResult result;
    result.verb = Verb::kList;
    result.listing = listing->entries;
    result.total = listing->entries.size();
    CheckPrinted(ResultText(result), 1 + result.listing.size());
    CheckJson(ResultJson(result));
}

void CheckTexts(FuzzedData& data) {
    CommandResult result;
    result.verb = static_cast<Verb>(data.Below(8));
    result.error = static_cast<MediaErrorCode>(data.U8());
    result.text = PickName(data);
    CheckPrinted(ResultText(result), 1);
    CheckJson(ResultJson(result));

    Notification notification;
    notification.kind = static_cast<Notification::Kind>(data.Below(4));
    notification.code = static_cast<MediaErrorCode>(data.U8());
    notification.text = PickName(data);
    CheckPrinted(NotificationText(notification), 1);
    CheckJson(NotificationJson(notification));

    RenderingFailure failure;
    const auto server = PickName(data);
    failure.server = server;
    failure.code = static_cast<MediaErrorCode>(data.U8());
    failure.text = notification.text;
    CheckPrinted(FailureText(failure, ""), 1);
}

/// `*` and `?` as a table says, which is too simple to be wrong.
bool MatchesByTable(std::string_view pattern, std::string_view name) {
    std::vector<bool> matched(name.size() + 1);  // of the prefixes of the name
    matched[0] = true;
    for (const char p : pattern) {
        std::vector<bool> next(name.size() + 1);
        next[0] = p == '*' && matched[0];
        for (std::size_t i = 0; i < name.size(); ++i) {
            next[i + 1] =
                p == '*' ? next[i] || matched[i + 1] : matched[i] && (p == '?' || p == name[i]);
        }
        matched = std::move(next);
    }
    return matched.back();
}

void CheckGlob(FuzzedData& data) {
    const auto pattern = PickName(data);
    const auto name = PickName(data);
    CRSP_ASSERT(MatchesGlob(pattern, name) == MatchesByTable(pattern, name));
}

/// The text sink's converter: cut at every place that `data` chooses, it says the same as in one
/// piece.
void CheckSafeText(FuzzedData& data) {
    SafeText whole;
    SafeText cut;
    std::string expected;
    std::string text;
    Bytes all;
    VtParser terminal(true);
    while (!data.Empty()) {
        const auto piece = data.Chunk();
        all.insert(all.end(), piece.begin(), piece.end());
        const auto before = text.size();
        cut.Append(piece, text);
        terminal.Feed(std::string_view(text).substr(before));
        CRSP_ASSERT(terminal.ControlFunctions() == 0 && terminal.AtRest());
    }
    const auto before = text.size();
    cut.Finish(text);
    terminal.Feed(std::string_view(text).substr(before));
    CRSP_ASSERT(terminal.ControlFunctions() == 0 && terminal.AtRest());
    whole.Append(all, expected);
    whole.Finish(expected);
    CRSP_ASSERT(text == expected && text.size() <= 4 * all.size());
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace crsp::fuzz;
    FuzzedData data(bytes, size);
    switch (data.Below(6)) {
        case 0:
            CheckNames(data);
            break;
        case 1:
            CheckDistinct(data);
            break;
        case 2:
            CheckListing(data.Rest());
            break;
        case 3:
            CheckTexts(data);
            break;
        case 4:
            CheckGlob(data);
            break;
        default:
            CheckSafeText(data);
            break;
    }
    return 0;
}
