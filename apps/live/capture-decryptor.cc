// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/capture-decryptor.h"

#include <algorithm>
#include <utility>

#include "model/crypto/packet-protection.h"
#include "model/wire/packet-header.h"

namespace crsp {
namespace {

/// A capture that begins late is tried with the keys of so many phases after the first.
constexpr std::size_t kPhasesAhead = 16;
constexpr std::uint8_t kByInitiator = 1;
constexpr std::uint8_t kByResponder = 2;

void WriteTrailer(ByteSpan tag, const TrafficSecret& secret) {
    ByteWriter out(tag);
    out.U64(secret.connection);
    out.U8(secret.sender == Side::kInitiator ? kByInitiator : kByResponder);
    out.Zeros(out.Remaining());
}

}  // namespace

std::size_t CaptureDecryptor::AddKeys(std::string_view log) {
    std::size_t taken = 0;
    while (!log.empty()) {
        const auto end = std::min(log.find('\n'), log.size());
        if (auto secret = ParseKeyLogLine(log.substr(0, end))) {
            ++taken;
            const auto destination = secret->destination;
            m_directions.insert_or_assign(destination, Direction{std::move(*secret), {}, 0});
        }
        log.remove_prefix(std::min(end + 1, log.size()));
    }
    return taken;
}

const Aead& CaptureDecryptor::Direction::Phase(std::size_t phase) {
    while (phases.size() <= phase) {
        if (!phases.empty()) secret.key = Rekey(secret.suite, secret.key);
        phases.push_back(MakeAead(secret.suite, secret.key));
    }
    return *phases[phase];
}

/// A packet late of the phase before has the other bit, as has the first of the next phase.
bool CaptureDecryptor::Open(Direction& direction, std::uint64_t number, bool oddPhase,
                            ByteSpan datagram) {
    const std::size_t first = direction.newest == 0 ? 0 : direction.newest - 1;
    const std::vector<std::byte> sealed(datagram.begin(), datagram.end());
    for (std::size_t phase = first; phase <= direction.newest + kPhasesAhead; ++phase) {
        if ((phase % 2 != 0) != oddPhase) continue;
        if (direction.Phase(phase).Open(number, ConstByteSpan(sealed).first(kDataHeaderLength),
                                        datagram.subspan(kDataHeaderLength))) {
            direction.newest = std::max(direction.newest, phase);
            return true;
        }
        std::copy(sealed.begin(), sealed.end(), datagram.begin());
    }
    return false;
}

CaptureDecryptor::Result CaptureDecryptor::Decrypt(ByteSpan datagram) {
    const auto header = DecodePacketHeader(datagram);
    const auto* data = header ? std::get_if<DataHeader>(&*header) : nullptr;
    if (!data) return Result::kNoData;
    const auto found = m_directions.find(data->destination);
    if (found == m_directions.end()) return Result::kNoKey;
    Direction& direction = found->second;
    if (!UsableSuite(static_cast<std::uint8_t>(direction.secret.suite)) ||
        !Open(direction, data->number, data->oddPhase, datagram)) {
        return Result::kSealed;
    }
    datagram[0] = data->oddPhase ? kDecryptedDataOddPhase : kDecryptedData;
    WriteTrailer(datagram.last(kAeadTagLength), direction.secret);
    return Result::kOpened;
}

}  // namespace crsp
