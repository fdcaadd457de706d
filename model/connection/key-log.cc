// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/key-log.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace crsp {
namespace {

constexpr std::string_view kInitiatorLabel = "CRSP1_INITIATOR_KEY";
constexpr std::string_view kResponderLabel = "CRSP1_RESPONDER_KEY";
/// The only phase that a log tells of.
constexpr std::string_view kFirstPhase = "0";
constexpr std::size_t kFields = 6;

using Fields = std::array<std::string_view, kFields>;

/// Exactly kFields words with one space between them.
std::optional<Fields> Split(std::string_view line) {
    Fields fields;
    for (std::size_t i = 0; i < kFields; ++i) {
        const auto space = line.find(' ');
        if ((space == std::string_view::npos) != (i + 1 == kFields)) return std::nullopt;
        fields[i] = line.substr(0, space);
        line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
    }
    return fields;
}

template <class Unsigned>
std::optional<Unsigned> ParseHex(std::string_view text) {
    Unsigned value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
    if (text.size() != 2 * sizeof value || error != std::errc() || stop != end) return std::nullopt;
    return value;
}

bool ParseKey(std::string_view text, SecretKey& key) {
    if (text.size() != 2 * kKeyLength) return false;
    for (std::size_t i = 0; i < kKeyLength; ++i) {
        const auto byte = ParseHex<std::uint8_t>(text.substr(2 * i, 2));
        if (!byte) return false;
        key.Bytes()[i] = static_cast<std::byte>(*byte);
    }
    return true;
}

bool ParseSuite(std::string_view text, CipherSuite& suite) {
    if (text != "1" && text != "2") return false;
    suite = static_cast<CipherSuite>(text[0] - '0');
    return true;
}

}  // namespace

std::string KeyLogLine(const TrafficSecret& secret) {
    std::string key;
    for (const std::byte byte : secret.key.Bytes()) {
        key += fmt::format("{:02x}", static_cast<unsigned>(byte));
    }
    return fmt::format("{} {:016x} {:016x} {} {} {}\n",
                       secret.sender == Side::kInitiator ? kInitiatorLabel : kResponderLabel,
                       secret.connection, secret.destination, static_cast<unsigned>(secret.suite),
                       kFirstPhase, key);
}

std::optional<TrafficSecret> ParseKeyLogLine(std::string_view line) {
    const auto fields = Split(line);
    if (!fields || (*fields)[4] != kFirstPhase) return std::nullopt;
    const std::string_view label = (*fields)[0];
    if (label != kInitiatorLabel && label != kResponderLabel) return std::nullopt;
    const auto connection = ParseHex<ConnectionId>((*fields)[1]);
    const auto destination = ParseHex<ConnectionId>((*fields)[2]);
    TrafficSecret secret;
    if (!connection || !destination || !ParseSuite((*fields)[3], secret.suite) ||
        !ParseKey((*fields)[5], secret.key)) {
        return std::nullopt;
    }
    secret.sender = label == kInitiatorLabel ? Side::kInitiator : Side::kResponder;
    secret.connection = *connection;
    secret.destination = *destination;
    return secret;
}

}  // namespace crsp
