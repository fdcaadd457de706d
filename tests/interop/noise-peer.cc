// SPDX-License-Identifier: BSD-3-Clause
// The engine's Noise behind lines of text, for interop.py. Bytes are in hexadecimal, `-` is none.
//
//   new PATTERN CIPHER initiator|responder PROLOGUE PSK SECRET REMOTE   ok
//   write PAYLOAD                                                       the message
//   read MESSAGE                                                        its payload
//   split                                                               ok
//   seal NUMBER AAD TEXT                                                the sealed text
//   open NUMBER AAD SEALED                                              the text
//
// What fails is answered with `error`.
#include <sodium.h>

#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "model/crypto/aead.h"
#include "model/crypto/noise-handshake.h"

namespace crsp {
namespace {

using Bytes = std::vector<std::byte>;

Bytes FromHex(const std::string& text) {
    if (text == "-") return {};
    Bytes bytes(text.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::byte>(std::stoi(text.substr(2 * i, 2), nullptr, 16));
    }
    return bytes;
}

std::string ToHex(ConstByteSpan bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const std::byte byte : bytes) {
        text += kDigits[std::to_integer<unsigned>(byte) >> 4];
        text += kDigits[std::to_integer<unsigned>(byte) & 15];
    }
    return text.empty() ? "-" : text;
}

std::array<std::byte, kKeyLength> KeyOf(const Bytes& bytes) {
    std::array<std::byte, kKeyLength> key{};
    std::copy(bytes.begin(), bytes.end(), key.begin());
    return key;
}

std::array<std::byte, kKeyLength> SystemSeed() {
    std::array<std::byte, kKeyLength> seed{};
    randombytes_buf(seed.data(), seed.size());
    return seed;
}

class Peer {
  public:
    std::string Answer(const std::string& line) {
        std::istringstream in(line);
        std::string verb;
        std::vector<std::string> words;
        in >> verb;
        for (std::string word; in >> word;) words.push_back(word);
        if (verb == "new" && words.size() == 7) return New(words);
        if (verb == "write" && words.size() == 1) return Write(FromHex(words[0]));
        if (verb == "read" && words.size() == 1) return Read(FromHex(words[0]));
        if (verb == "split") return Split();
        if (words.size() != 3) return "error";
        const auto number = std::stoull(words[0]);
        if (verb == "seal") return Seal(number, FromHex(words[1]), FromHex(words[2]));
        return Open(number, FromHex(words[1]), FromHex(words[2]));
    }

  private:
    std::string New(const std::vector<std::string>& words) {
        static const std::map<std::string, NoisePattern> patterns = {
            {"NN", NoisePattern::kNN},
            {"IKpsk2", NoisePattern::kIKpsk2},
            {"XXpsk3", NoisePattern::kXXpsk3}};
        m_suite = words[1] == "AESGCM" ? CipherSuite::kAes256GcmSha256
                                       : CipherSuite::kChaCha20Poly1305Sha256;
        m_side = words[2] == "initiator" ? Side::kInitiator : Side::kResponder;
        const Bytes prologue = FromHex(words[3]);
        NoiseConfig config{.pattern = patterns.at(words[0]),
                           .suite = m_suite,
                           .side = m_side,
                           .prologue = prologue,
                           .psk = std::nullopt,
                           .localStatic = std::nullopt,
                           .remoteStatic = std::nullopt};
        if (words[4] != "-") config.psk.emplace(KeyOf(FromHex(words[4])));
        if (words[5] != "-") config.localStatic = X25519PairOf(SecretKey(KeyOf(FromHex(words[5]))));
        if (words[6] != "-") config.remoteStatic = KeyOf(FromHex(words[6]));
        m_noise = std::make_unique<NoiseHandshake>(config, m_random);
        return "ok";
    }
    std::string Write(const Bytes& payload) {
        Bytes out(payload.size() + m_noise->NextOverhead());
        return m_noise->WriteMessage(payload, out) ? ToHex(out) : "error";
    }
    std::string Read(const Bytes& message) {
        if (message.size() < m_noise->NextOverhead()) return "error";
        Bytes out(message.size() - m_noise->NextOverhead());
        return m_noise->ReadMessage(message, out) ? ToHex(out) : "error";
    }
    std::string Split() {
        if (!m_noise->Finished()) return "error";
        const TransportKeys keys = m_noise->Split();
        const bool initiates = m_side == Side::kInitiator;
        m_seal =
            MakeAead(m_suite, initiates ? keys.initiatorToResponder : keys.responderToInitiator);
        m_open =
            MakeAead(m_suite, initiates ? keys.responderToInitiator : keys.initiatorToResponder);
        return "ok";
    }
    std::string Seal(std::uint64_t number, const Bytes& aad, Bytes text) {
        text.resize(text.size() + kAeadTagLength);
        m_seal->Seal(number, aad, text);
        return ToHex(text);
    }
    std::string Open(std::uint64_t number, const Bytes& aad, Bytes sealed) {
        if (!m_open->Open(number, aad, sealed)) return "error";
        return ToHex(ConstByteSpan(sealed).first(sealed.size() - kAeadTagLength));
    }

    SecureRandom m_random{SystemSeed()};
    CipherSuite m_suite = CipherSuite::kChaCha20Poly1305Sha256;
    Side m_side = Side::kInitiator;
    std::unique_ptr<NoiseHandshake> m_noise;
    std::unique_ptr<Aead> m_seal;
    std::unique_ptr<Aead> m_open;
};

}  // namespace
}  // namespace crsp

int main() {
    if (sodium_init() < 0) return 70;
    crsp::Peer peer;
    for (std::string line; std::getline(std::cin, line);) {
        std::cout << peer.Answer(line) << std::endl;
    }
}
