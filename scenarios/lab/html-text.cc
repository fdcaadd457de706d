// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-text.h"

#include <fmt/format.h>
#include <sodium/utils.h>

#include <cmath>
#include <span>

#include "model/crypto/sha256.h"

namespace crsp::lab {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool IsUnreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~' || c == '/';
}

}  // namespace

std::string Escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                const auto byte = static_cast<unsigned char>(c);
                const bool control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
                if (control) {
                    out += kReplacement;
                } else {
                    out += c;
                }
        }
    }
    return out;
}

std::string HrefOf(std::string_view path) {
    // With a dot in front, //host and scheme: are folders as any other.
    std::string out = "./";
    for (const char c : path) {
        if (IsUnreserved(c)) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

std::string NumberText(double value) {
    if (!std::isfinite(value)) return "-";
    const double size = std::abs(value);
    if (size >= 1000 && size < 1e15) return fmt::format("{:.0f}", value);
    if (size != 0 && (size < 0.001 || size >= 1e15)) return fmt::format("{:.3g}", value);
    return fmt::format("{:.4g}", value);
}

std::string CountText(std::size_t count, std::string_view word) {
    return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

std::string CspHash(std::string_view text) {
    const Sha256Digest digest = HashSha256(std::as_bytes(std::span(text)));
    std::string base64(sodium_base64_ENCODED_LEN(kSha256Length, sodium_base64_VARIANT_ORIGINAL),
                       '\0');
    sodium_bin2base64(base64.data(), base64.size(),
                      reinterpret_cast<const unsigned char*>(digest.data()), digest.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    return fmt::format("'sha256-{}'", base64.c_str());
}

}  // namespace crsp::lab
