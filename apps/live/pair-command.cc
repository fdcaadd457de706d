// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/pair-command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "apps/cli/standard-output.h"
#include "apps/live/asio-address.h"
#include "apps/live/guarded-file.h"
#include "apps/live/key-text.h"
#include "apps/live/line-input.h"
#include "apps/live/node-keys.h"
#include "apps/live/node-runner.h"
#include "apps/live/pairing-role.h"
#include "apps/live/peers-file.h"

namespace crsp {
namespace {

constexpr std::string_view kAnyIpv4 = "0.0.0.0:0";
constexpr std::string_view kAnyIpv6 = "[::]:0";
constexpr Duration kDefaultTimeout = std::chrono::minutes(2);
constexpr Duration kMinTimeout = seconds(1);
constexpr Duration kMaxTimeout = std::chrono::hours(1);

struct Options {
    std::string remote;
    std::string listen;
    std::string name;
    std::string may;
    std::string entries;
    std::string address;
    std::string keyFile;
    std::string peersFile;
    std::string pskFile;
    std::optional<Duration> timeout;
    bool typeCode = false;
};

/// What the line of the new peer says but for its key, as far as it is known beforehand.
KnownPeer Describe(const Options& options) {
    KnownPeer peer;
    const auto check = [](Expected<void, std::string> parsed) {
        if (!parsed) Exit({ExitCode::kUsage, "--" + parsed.error()});
    };
    if (!options.may.empty()) check(ParseRights(options.may, peer.rights));
    if (!options.entries.empty()) check(ParseEntries(options.entries, peer.rights));
    peer.rights.name = options.name;
    peer.address = options.address;
    if (options.address.empty()) return peer;
    const auto address = ParseHostPort(options.address);
    if (!address) Exit({ExitCode::kUsage, "--address: " + address.error()});
    return peer;
}

/// What a peer is called if nobody says: where it is, as far as that makes a name.
std::string DefaultName(const std::string& hostPort) {
    const auto parsed = ParseHostPort(hostPort);
    auto name = parsed ? parsed->host.substr(0, kMaxPeerName) : std::string();
    std::replace_if(
        name.begin(), name.end(),
        [](char c) {
            return !IsPeerName({&c, 1});
        },
        '-');
    return name.empty() ? "peer" : name;
}

std::string CodeText(std::uint32_t code) {
    return fmt::format("{:03} {:03}", code / 1000, code % 1000);
}

/// Whether `line` is the code, typed with or without the blank.
bool IsCode(std::string line, std::uint32_t code) {
    line.erase(std::remove(line.begin(), line.end(), ' '), line.end());
    return line == fmt::format("{:06}", code);
}

bool IsYes(const std::string& line) {
    return line == "y" || line == "Y" || line == "yes";
}

/// One pairing: shows the proposal, asks, and remembers the peer if both agreed.
class Session {
  public:
    Session(const Options& options, NodeRunner& runner, PairingRole& role)
        : m_options(options),
          m_runner(runner),
          m_role(role),
          m_peer(Describe(options)),
          m_input(runner.Io(), STDIN_FILENO) {}

    void Begin(LiveNode& node) {
        m_node = &node;
        node.SetAfterTurn([this] { AfterTurn(); });
        AfterTurn();
    }
    /// After the node has stopped.
    ExitCode Conclude() const;

  private:
    void AfterTurn();
    /// Whether the proposed peer may be noted at all.
    bool Fits(const PairingProposal& proposal);
    void Ask(const PairingProposal& proposal);
    void OnLine(const std::string& line);
    void Answer(bool same);
    /// Whether `known` is to be on other terms from now on.
    bool Changes(const KnownPeer& known) const {
        return TermsText(OnTermsOf(m_peer, known)) != TermsText(known);
    }

    const Options& m_options;
    NodeRunner& m_runner;
    PairingRole& m_role;
    KnownPeer m_peer;
    LineInput m_input;
    LiveNode* m_node = nullptr;
    std::optional<NodeError> m_conflict;
    bool m_asked = false;
};

void Session::AfterTurn() {
    // Judged even if the other side has left already: then that is why.
    if (m_role.Proposal() && !std::exchange(m_asked, true)) {
        if (!Fits(*m_role.Proposal())) {
            Answer(false);
        } else if (!m_role.Outcome()) {
            Ask(*m_role.Proposal());
        }
    }
    if (!m_role.Over()) return;
    m_input.Stop();
    m_node->Shutdown();
}

bool Session::Fits(const PairingProposal& proposal) {
    const auto& book = m_runner.Peers();
    m_peer.key = proposal.peer;
    const auto* known = FindByKey(book.Peers(), m_peer.key);
    if (m_peer.Name().empty()) {
        const auto where = m_options.remote.empty() ? Display(proposal.remote) : m_options.remote;
        m_peer.rights.name = known ? known->Name() : DefaultName(where);
    }
    if (proposal.peer == book.Own()) {
        m_conflict = NodeError{
            ExitCode::kRefused,
            fmt::format("the other side is this node itself: it has the same key, {}; each node "
                        "needs an identity of its own, from crsp key generate",
                        Fingerprint(book.Own()))};
    } else if (auto fits = CheckNewPeer(book.Peers(), m_peer, book.Path()); !fits) {
        m_conflict = fits.error();
    }
    return !m_conflict;
}

void Session::Ask(const PairingProposal& proposal) {
    const auto& book = m_runner.Peers();
    fmt::print(stderr, "\n  this node   {}\n  '{}' at {}\n              {}\n  code        {}\n",
               Fingerprint(book.Own()), m_peer.Name(), Display(proposal.remote),
               Fingerprint(proposal.peer), CodeText(proposal.code));
    const auto* known = FindByKey(book.Peers(), m_peer.key);
    if (known && Changes(*known)) {
        fmt::print(stderr, "  until now   {}\n  then        {}\n", TermsText(*known),
                   TermsText(OnTermsOf(m_peer, *known)));
    }
    fmt::print(stderr, "\n");
    fmt::print(stderr, "{}",
               m_options.typeCode ? "Type the code that the other side shows: "
                                  : "Does the other side show the same code? [y/N] ");
    m_input.ReadLine([this](const std::string& line) { OnLine(line); });
}

void Session::OnLine(const std::string& line) {
    const auto code = m_role.Proposal()->code;
    Answer(IsCode(line, code) || (!m_options.typeCode && IsYes(line)));
}

void Session::Answer(bool same) {
    if (same) fmt::print(stderr, "waiting for the other side\n");
    m_node->Do([&](TimePoint now, Endpoint& endpoint) { m_role.Answer(now, same, endpoint); });
}

ExitCode Session::Conclude() const {
    if (m_conflict) Exit(*m_conflict);
    const auto who = m_options.remote.empty() ? "anybody" : m_options.remote;
    switch (m_role.Outcome().value_or(PairingOutcome::kRefusedHere)) {
        case PairingOutcome::kAgreed:
            break;
        case PairingOutcome::kRefusedHere:
            Exit({ExitCode::kRefused, "not paired: the codes were not confirmed here"});
        case PairingOutcome::kRefusedThere:
            Exit({ExitCode::kRefused, "not paired: the other side did not confirm"});
        case PairingOutcome::kUnreached:
            Exit({ExitCode::kUnavailable,
                  fmt::format("no answer from {}: is crsp pair --listen running there?", who)});
        case PairingOutcome::kLost:
            Exit({ExitCode::kUnavailable, "not paired: the connection was lost; pair again"});
        case PairingOutcome::kTimeout:
            Exit({ExitCode::kTimeout, "not paired: nobody confirmed within --timeout"});
        case PairingOutcome::kGuessed:
            Exit({ExitCode::kRefused,
                  fmt::format("not paired: more than {} handshakes were begun here and none was "
                              "finished, so somebody may be guessing the code; pair again where "
                              "only the other side can reach this node",
                              kMaxPairingTries)});
        case PairingOutcome::kNotPairing:
            Exit({ExitCode::kProtocol, "not paired: the other side is not pairing"});
    }
    const auto& book = m_runner.Peers();
    const auto* known = FindByKey(book.Peers(), m_peer.key);
    const bool changes = !known || Changes(*known);
    ValueOrExit(AddPeer(book.Path(), m_peer));
    const auto noted = known ? OnTermsOf(m_peer, *known) : m_peer;
    WriteOutput(fmt::format("paired {} {} {}\n", noted.Name(), Fingerprint(noted.key),
                            changes ? TermsText(noted) : "as before"));
    if (changes) fmt::print(stderr, "{}", kTellNodes);
    return ExitCode::kOk;
}

void CheckOptions(const Options& options) {
    if (options.remote.empty() == options.listen.empty()) {
        Exit({ExitCode::kUsage,
              "pair: give HOST:PORT of the other side, or --listen HOST:PORT to wait for it"});
    }
    if (!options.name.empty() && !IsPeerName(options.name)) {
        Exit({ExitCode::kUsage, fmt::format("--name: expected 1 to {} letters, digits, '.', '_' or "
                                            "'-'",
                                            kMaxPeerName)});
    }
    if (!options.entries.empty() && options.may.find("read") == std::string::npos) {
        Exit({ExitCode::kUsage, "--entries goes with --may read"});
    }
    const auto folder = FolderOf(options.peersFile);
    if (!options.peersFile.empty() && !std::filesystem::is_directory(folder)) {
        Exit({ExitCode::kNoInput,
              fmt::format("the folder '{}' that the peers file is to be in is missing", folder)});
    }
    if (options.timeout && (*options.timeout < kMinTimeout || *options.timeout > kMaxTimeout)) {
        Exit({ExitCode::kUsage, "--timeout must be from 1s to 1h"});
    }
    if (!options.typeCode && ::isatty(STDIN_FILENO) == 0) {
        Exit({ExitCode::kUsage,
              "nobody is at a terminal to compare the codes; with --code, the code that the other "
              "side shows is read from standard input"});
    }
}

NodeOptions NodeOptionsOf(const Options& options) {
    NodeOptions node;
    const bool ipv6 = options.remote.starts_with('[');
    node.listen = !options.listen.empty() ? options.listen : ipv6 ? kAnyIpv6 : kAnyIpv4;
    node.keyFile = options.keyFile;
    node.peersFile = options.peersFile;
    node.pskFile = options.pskFile;
    node.pairing = true;
    return node;
}

ExitCode Pair(const Options& options) {
    CheckOptions(options);
    (void)Describe(options);
    NodeRunner runner("crsp", NodeOptionsOf(options), Hangup::kEnds);
    runner.AllowPairing();
    PairingRole::Config config;
    config.timeout = options.timeout.value_or(kDefaultTimeout);
    if (!options.remote.empty()) {
        const bool ipv4Only = runner.ListenAddress().family == SocketAddress::Family::kIpv4;
        config.remote = ResolvePeer("pair", options.remote, ipv4Only);
        runner.RefuseConnections();
    }
    runner.Transport().handshakeTimeout = HandshakePatience(config);
    PairingRole role(config);
    Session session(options, runner, role);
    session.Begin(runner.Open(role, !options.listen.empty()));
    const auto code = runner.Run();
    return code == ExitCode::kOk ? session.Conclude() : code;
}

}  // namespace

void DeclarePairCommand(CLI::App& app, Action& action) {
    const auto options = std::make_shared<Options>();
    auto* pair = app.add_subcommand(
        "pair", "Make this node and another known to each other, by people who compare a code");
    pair->add_option("remote", options->remote, "Where the other side listens")
        ->type_name("HOST:PORT");
    pair->add_option("--listen", options->listen, "Wait here for the other side")
        ->type_name("HOST:PORT");
    pair->add_option("--name", options->name, "What to call the peer (as before, or its address)")
        ->type_name("NAME");
    pair->add_option(
            "--may", options->may,
            "What it may do here: read, control, borrow, observe, with commas between; of a "
            "peer that is known, instead of what it may do so far (nothing)")
        ->type_name("RIGHTS");
    pair->add_option("--entries", options->entries,
                     "With --may read: only what matches one of these, as in *.mp4,news-?? (all)")
        ->type_name("PATTERNS");
    pair->add_option("--address", options->address,
                     "Where its node is found later, for connecting to it by name")
        ->type_name("HOST:PORT");
    AddFile(*pair, "--key", options->keyFile, "Our identity (~/.config/crsp/identity.key)");
    AddFile(*pair, "--peers", options->peersFile,
            "Where to note it (~/.config/crsp/peers); made if it is missing");
    AddFile(*pair, "--psk", options->pskFile, "A key that both sides share, as a second factor");
    AddTimeout(*pair, "--timeout", options->timeout, "Give up after this long (120s)");
    pair->add_flag("--code", options->typeCode,
                   "Have the other side's code typed, or piped in, instead of asking for y");
    pair->callback([&action, options] { action = [=] { return Pair(*options); }; });
}

}  // namespace crsp
