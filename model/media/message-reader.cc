// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/message-reader.h"

#include <algorithm>

#include "model/base/assert.h"

namespace crsp {

std::optional<std::size_t> MessageReader::PrefixSize() const {
    if (m_bytes.empty()) return std::nullopt;
    return std::size_t{1} << (static_cast<unsigned>(m_bytes.front()) >> 6);
}

std::optional<std::uint64_t> MessageReader::BodySize() const {
    return ByteReader(m_bytes).Varint();
}

std::size_t MessageReader::Wanted() const {
    const auto prefix = PrefixSize();
    if (!prefix) return 1;
    const auto body = BodySize();
    if (!body) return *prefix - m_bytes.size();
    const std::uint64_t whole = *prefix + std::min<std::uint64_t>(*body, kMaxMessageSize);
    CRSP_ASSERT(whole > m_bytes.size());
    return static_cast<std::size_t>(whole) - m_bytes.size();
}

void MessageReader::Append(ConstByteSpan bytes) {
    CRSP_ASSERT(bytes.size() <= Wanted());
    m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
}

Expected<std::optional<Message>, MediaErrorCode> MessageReader::Next() {
    const auto body = BodySize();
    if (!body) return std::nullopt;
    if (*body == 0 || *body > kMaxMessageSize) return Fail(MediaErrorCode::kMalformedMessage);
    const std::size_t prefix = *PrefixSize();
    if (m_bytes.size() - prefix < *body) return std::nullopt;
    auto message = DecodeMessage(ConstByteSpan(m_bytes).subspan(prefix));
    m_bytes.clear();
    if (!message) return Fail(message.error());
    return std::optional<Message>(std::move(*message));
}

}  // namespace crsp
