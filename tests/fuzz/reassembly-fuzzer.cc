// SPDX-License-Identifier: BSD-3-Clause
// Reassembly against a model that is too simple to be wrong (B4): one state per offset.
#include <map>

#include "model/base/assert.h"
#include "model/stream/receive-buffer.h"
#include "model/stream/receive-stream.h"
#include "model/wire/frame-codec.h"
#include "tests/fuzz/fuzzed-data.h"

namespace crsp::fuzz {
namespace {

constexpr std::uint64_t kWindow = 2048;
constexpr int kMaxSteps = 200;

/// What has become of each offset from the front on.
class Model {
  public:
    struct Place {
        std::byte value{};
        bool skipped = false;
        bool taken = false;
    };

    std::uint64_t Front() const { return m_front; }
    std::uint64_t End() const { return m_places.empty() ? m_front : m_places.rbegin()->first + 1; }
    const std::map<std::uint64_t, Place>& Places() const { return m_places; }

    std::size_t Insert(std::uint64_t offset, ConstByteSpan data) {
        std::size_t stored = 0;
        for (std::size_t i = 0; i < data.size(); ++i) {
            if (offset + i >= m_front)
                stored += m_places.emplace(offset + i, Place{data[i]}).second;
        }
        return stored;
    }
    /// Whole unless all of it is here.
    void Skip(Range range) {
        bool all = true;
        for (auto at = std::max(range.begin, m_front); at < range.end; ++at) {
            all &= m_places.contains(at);
        }
        for (auto at = std::max(range.begin, m_front); at < range.end && !all; ++at) {
            m_places[at].skipped = true;
        }
    }
    /// Bytes, or skipped offsets, that follow on the front.
    std::uint64_t FrontRun(bool skipped) const {
        std::uint64_t at = m_front;
        for (auto it = m_places.find(at); it != m_places.end() && it->second.skipped == skipped;
             it = m_places.find(at)) {
            ++at;
        }
        return at - m_front;
    }
    std::uint64_t Readable() const {
        std::uint64_t at = m_front;
        while (m_places.contains(at)) ++at;
        return at - m_front;
    }
    void Pop(std::uint64_t count) {
        m_front += count;
        m_places.erase(m_places.begin(), m_places.lower_bound(m_front));
    }
    void Take(Range range) {
        for (auto at = range.begin; at < range.end; ++at) {
            if (at >= m_front) m_places[at].taken = true;
        }
        while (m_places.contains(m_front) && m_places[m_front].taken) Pop(1);
    }
    bool HasUntaken() const {
        for (const auto& [offset, place] : m_places) {
            if (!place.taken) return true;
        }
        return false;
    }

  private:
    std::uint64_t m_front = 0;
    std::map<std::uint64_t, Place> m_places;
};

/// A range within the window, mostly short.
Range PickRange(FuzzedData& data, std::uint64_t front) {
    const std::uint64_t back = std::min<std::uint64_t>(front, 16);
    const std::uint64_t begin = front - back + data.Below(kWindow + back);
    const std::size_t most = data.Below(8) == 0 ? kWindow : 16;
    return {begin, std::min(begin + data.Below(most), front + kWindow)};
}

Bytes BytesOf(FuzzedData& data, Range range) {
    Bytes bytes(range.Empty() ? 0 : range.Length());
    const auto first = data.U8();
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(first + i);
    return bytes;
}

class OrderedRun {
  public:
    void Step(FuzzedData& data) {
        const auto range = PickRange(data, m_model.Front());
        switch (data.Below(6)) {
            case 0:
                if (!m_buffer.RefusesSkip(range)) {
                    m_buffer.Skip(range);
                    m_model.Skip(range);
                }
                break;
            case 1:
                Pass();
                break;
            case 2:
                Read(data.Below(512));
                break;
            default:
                Insert(range.begin, BytesOf(data, range));
                break;
        }
        Compare();
    }

  private:
    void Insert(std::uint64_t offset, const Bytes& bytes) {
        if (m_buffer.Refuses({offset, offset + bytes.size()})) return;
        CRSP_ASSERT(m_buffer.Insert(offset, bytes) == m_model.Insert(offset, bytes));
    }
    void Pass() {
        const auto expected = m_model.FrontRun(true);
        const auto passed = m_buffer.PassSkipped();
        CRSP_ASSERT(passed.Length() == expected);
        CRSP_ASSERT(expected == 0 || passed.begin == m_model.Front());
        m_model.Pop(expected);
    }
    void Read(std::size_t most) {
        Bytes out(most);
        const auto count = m_buffer.Read(out);
        CRSP_ASSERT(count == std::min<std::uint64_t>(most, m_model.FrontRun(false)));
        auto place = m_model.Places().begin();
        for (std::size_t i = 0; i < count; ++i, ++place) CRSP_ASSERT(place->second.value == out[i]);
        m_model.Pop(count);
    }
    void Compare() const {
        CRSP_ASSERT(m_buffer.ReadOffset() == m_model.Front());
        CRSP_ASSERT(m_buffer.Readable() == m_model.Readable());
        CRSP_ASSERT(m_buffer.ArrivedEnd() == m_model.End());
        CRSP_ASSERT(m_buffer.Capacity() <= kWindow);
    }

    ReceiveBuffer m_buffer{kWindow};
    Model m_model;
};

class UnorderedRun {
  public:
    void Step(FuzzedData& data) {
        const auto range = PickRange(data, m_model.Front());
        switch (data.Below(5)) {
            case 0:
                if (!m_buffer.RefusesSkip(range)) {
                    m_buffer.Skip(range);
                    m_model.Skip(range);
                }
                break;
            case 1:
            case 2:
                Take(data.Below(512));
                break;
            default: {
                const auto bytes = BytesOf(data, range);
                const Range whole{range.begin, range.begin + bytes.size()};
                if (m_buffer.Refuses(whole)) break;
                CRSP_ASSERT(m_buffer.Insert(range.begin, bytes) ==
                            m_model.Insert(range.begin, bytes));
            }
        }
        CRSP_ASSERT(m_buffer.ReadOffset() == m_model.Front());
        CRSP_ASSERT(m_buffer.HasUntaken() == m_model.HasUntaken() || AnySkipped());
    }

  private:
    /// A range is told as skipped whole, also what of it was taken before.
    bool AnySkipped() const {
        for (const auto& [offset, place] : m_model.Places()) {
            if (place.skipped) return true;
        }
        return false;
    }
    void Take(std::size_t most) {
        if (const auto skipped = m_buffer.TakeSkipped(); !skipped.Empty()) {
            for (auto at = skipped.begin; at < skipped.end; ++at) {
                if (at >= m_model.Front()) CRSP_ASSERT(m_model.Places().at(at).skipped);
            }
            return m_model.Take(skipped);
        }
        Bytes out(most);
        const auto taken = m_buffer.Take(out);
        for (auto at = taken.begin; at < taken.end; ++at) {
            const auto& place = m_model.Places().at(at);
            CRSP_ASSERT(!place.skipped && !place.taken);
            CRSP_ASSERT(place.value == out[static_cast<std::size_t>(at - taken.begin)]);
        }
        m_model.Take(taken);
    }

    ReceiveBuffer m_buffer{kWindow};
    Model m_model;
};

/// A whole stream: what is read is a prefix of what a truthful sender meant, whatever comes when
/// and how often; credit is never passed, and a final size never changes.
class StreamRun {
  public:
    void Step(FuzzedData& data) {
        if (m_failed || m_stream.Terminal()) return;
        const auto range = PickRange(data, m_read);
        switch (data.Below(4)) {
            case 0:
                return Read(data.Below(512));
            case 1:
                return Finish(data, range.end);
            default:
                return Insert(range, false);
        }
    }

  private:
    static std::byte ByteAt(std::uint64_t offset) { return static_cast<std::byte>(offset % 251); }

    void Finish(FuzzedData& data, std::uint64_t end) {
        if (data.Below(8) == 0) Insert({end > 8 ? end - 8 : 0, end}, true);
    }
    void Insert(Range range, bool fin) {
        if (range.end < range.begin) range.end = range.begin;
        Bytes bytes(range.Length());
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = ByteAt(range.begin + i);
        const StreamFrame frame{4, range.begin, bytes, fin};
        if (m_stream.Refuses(frame)) return;
        const bool beyond = range.end > m_limit;
        const bool contradicts = (m_final && range.end > *m_final) ||
                                 (fin && m_final && range.end != *m_final) ||
                                 (fin && range.end < m_highest);
        const auto outcome = m_stream.OnFrame(frame, {});
        m_failed = !outcome;
        CRSP_ASSERT(m_failed == (contradicts || beyond));
        if (m_failed) return;
        m_highest = std::max(m_highest, range.end);
        if (fin) m_final = range.end;
    }
    void Read(std::size_t most) {
        Bytes out(most);
        const auto read = m_stream.Read(out);
        CRSP_ASSERT(read && read->offset == m_read && read->skipped.Empty());
        for (std::size_t i = 0; i < read->bytes; ++i) CRSP_ASSERT(out[i] == ByteAt(m_read + i));
        m_read += read->bytes;
        CRSP_ASSERT(read->finished == (m_final && m_read == *m_final));
        CRSP_ASSERT(m_stream.Consumed() == m_read);
        Grant();
    }
    /// The credit that the peer learns of.
    void Grant() {
        Bytes payload(64);
        PacketBuilder packet(payload);
        CRSP_ASSERT(m_stream.WriteControl(packet));
        for (ByteReader in(packet.Payload()); !in.Empty();) {
            const auto frame = DecodeFrame(in);
            CRSP_ASSERT(frame && std::holds_alternative<MaxStreamDataFrame>(*frame));
            const auto limit = std::get<MaxStreamDataFrame>(*frame).maximum;
            CRSP_ASSERT(limit > m_limit && limit <= m_read + kWindow);
            m_limit = limit;
        }
    }

    ReceiveStream m_stream{4, kWindow};
    std::uint64_t m_limit = kWindow;
    std::uint64_t m_read = 0;
    std::uint64_t m_highest = 0;
    std::optional<std::uint64_t> m_final;
    bool m_failed = false;
};

template <class Kind>
void Run(FuzzedData& data) {
    Kind run;
    for (int i = 0; i < kMaxSteps && !data.Empty(); ++i) run.Step(data);
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace crsp::fuzz;
    FuzzedData data(bytes, size);
    switch (data.Below(3)) {
        case 0:
            Run<OrderedRun>(data);
            break;
        case 1:
            Run<UnorderedRun>(data);
            break;
        default:
            Run<StreamRun>(data);
            break;
    }
    return 0;
}
