// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "model/crypto/noise-handshake.h"
#include "tests/unit/crypto/hex.h"

namespace crsp::testing {

/// One published Noise session; see tests/vectors/README.md.
struct NoiseVector {
    std::string name;
    NoiseConfig initiator;  ///< without prologue, see below
    NoiseConfig responder;
    std::vector<std::byte> initiatorPrologue;
    std::vector<std::byte> responderPrologue;
    X25519KeyPair initiatorEphemeral;
    X25519KeyPair responderEphemeral;
    std::vector<std::pair<std::vector<std::byte>, std::string>> messages;  ///< payload, ciphertext
};

inline void PrintTo(const NoiseVector& vector, std::ostream* out) {
    *out << vector.name;
}

inline std::pair<NoisePattern, CipherSuite> ParseProtocolName(const std::string& name) {
    for (int p = 0; p <= static_cast<int>(NoisePattern::kXXpsk3); ++p) {
        for (const auto suite :
             {CipherSuite::kAes256GcmSha256, CipherSuite::kChaCha20Poly1305Sha256}) {
            const auto pattern = static_cast<NoisePattern>(p);
            if (NoiseProtocolName(pattern, suite) == name) return {pattern, suite};
        }
    }
    throw std::runtime_error("no such protocol: " + name);
}

inline NoiseConfig ParseSide(const nlohmann::json& json, const std::string& prefix, Side side) {
    NoiseConfig config;
    std::tie(config.pattern, config.suite) = ParseProtocolName(json.at("protocol_name"));
    config.side = side;
    if (const auto it = json.find(prefix + "_psks"); it != json.end()) {
        config.psk = KeyFromHex(it->at(0).get<std::string>());
    }
    if (const auto it = json.find(prefix + "_static"); it != json.end()) {
        config.localStatic = X25519PairOf(KeyFromHex(it->get<std::string>()));
    }
    if (const auto it = json.find(prefix + "_remote_static"); it != json.end()) {
        const auto bytes = FromHex(it->get<std::string>());
        config.remoteStatic.emplace();
        std::copy_n(bytes.begin(), kKeyLength, config.remoteStatic->begin());
    }
    return config;
}

inline NoiseVector ParseVector(const nlohmann::json& json) {
    NoiseVector vector;
    vector.name = json.at("protocol_name");
    vector.initiator = ParseSide(json, "init", Side::kInitiator);
    vector.responder = ParseSide(json, "resp", Side::kResponder);
    vector.initiatorPrologue = FromHex(json.at("init_prologue").get<std::string>());
    vector.responderPrologue = FromHex(json.at("resp_prologue").get<std::string>());
    vector.initiatorEphemeral =
        X25519PairOf(KeyFromHex(json.at("init_ephemeral").get<std::string>()));
    vector.responderEphemeral =
        X25519PairOf(KeyFromHex(json.at("resp_ephemeral").get<std::string>()));
    for (const auto& message : json.at("messages")) {
        vector.messages.emplace_back(FromHex(message.at("payload").get<std::string>()),
                                     message.at("ciphertext"));
    }
    return vector;
}

inline std::vector<NoiseVector> LoadNoiseVectors() {
    std::ifstream file(CRSP_SOURCE_DIR "/tests/vectors/noise-25519-sha256.json");
    const auto document = nlohmann::json::parse(file);
    std::vector<NoiseVector> vectors;
    for (const auto& entry : document.at("vectors")) {
        vectors.push_back(ParseVector(entry));
    }
    return vectors;
}

}  // namespace crsp::testing
