// SPDX-License-Identifier: BSD-3-Clause
// C4: whether the time of a refusal tells an entry that may not be read from one that does not
// exist.
#include <fmt/format.h>

#include <algorithm>

#include "tests/attacks/party.h"
#include "tests/attacks/row.h"
#include "tests/unit/media/access-fixture.h"

namespace crsp::attacks {
namespace {

constexpr int kRounds = 101;
constexpr int kAsksInARound = 50;
constexpr double kMostApart = 0.05;
constexpr EntryId kNoEntry = 999'999;
/// Keys of one who may read everything, and of one who asks for what he may not.
constexpr std::uint8_t kReader = 10;
constexpr std::uint8_t kCurious = 11;

class Hall : public test::AccessFixture {
  public:
    Hall() : m_hidden(AddText("hidden", "x")), m_shown(AddText("shown", "y")) {
        Start();
        SetServerAccess({{kReader, test::Reads()}, {kCurious, test::Reads({"shown"})}});
        m_curious = &Join(kCurious, test::kServer);
        m_connected = m_curious->Connected() && Lend(Join(kReader, test::kServer));
    }
    void TestBody() override {}

    bool Connected() const { return m_connected; }
    EntryId Hidden() const { return m_hidden; }
    /// Nanoseconds of CPU for a RENDER of `entry` that is refused, at both ends.
    double Refuse(EntryId entry) {
        const double begin = CpuSeconds();
        for (int i = 0; i < kAsksInARound; ++i) {
            ++m_id;
            const RenderMessage message{m_id, m_id, "", entry, 0, 0, m_grant};
            if (m_curious->ErrorTo(message) != MediaErrorCode::kNoSuchEntry) return 0;
        }
        return (CpuSeconds() - begin) * 1e9 / kAsksInARound;
    }

  private:
    /// Gets a grant that is genuine, but for another entry: it has to be looked into.
    bool Lend(test::Talker& reader) {
        if (!reader.Connected()) return false;
        const auto answer =
            reader.Ask(GrantMessage{500, m_shown, 0, test::PublicKeyOf(kCurious), 60'000});
        const auto* granted = std::get_if<GrantedMessage>(&answer);
        if (granted) m_grant = granted->grant;
        return granted != nullptr;
    }

    EntryId m_hidden;
    EntryId m_shown;
    test::Talker* m_curious = nullptr;
    bool m_connected = false;
    std::string m_grant;
    CommandId m_id = 1'000;
};

double Median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

Rows HiddenEntry(const Scale&) {
    Hall hall;
    if (!hall.Connected()) return {{"C4", "refusals", "nobody is connected", "5 %", false}};
    std::vector<double> hidden;
    std::vector<double> none;
    for (int i = 0; i < kRounds; ++i) {
        hidden.push_back(hall.Refuse(hall.Hidden()));
        none.push_back(hall.Refuse(kNoEntry));
    }
    const double apart = Median(hidden) / Median(none) - 1;
    return {{"C4", "RENDER of an entry that may not be read, and of none, with a grant for another",
             fmt::format("{:.0f} and {:.0f} ns of CPU at both ends, {:+.1f} %", Median(hidden),
                         Median(none), apart * 100),
             "5 % apart", Median(none) > 0 && std::abs(apart) <= kMostApart}};
}

}  // namespace crsp::attacks
