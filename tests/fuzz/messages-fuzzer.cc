// SPDX-License-Identifier: BSD-3-Clause
// Session messages: taken apart and put together, cut into pieces, and said to each of the three
// roles by peers that keep to nothing.
#include "model/media/controller-role.h"
#include "model/media/memory-content-store.h"
#include "model/media/message-reader.h"
#include "model/media/renderer-role.h"
#include "model/media/server-role.h"
#include "tests/fuzz/any-message.h"
#include "tests/fuzz/checked-trace.h"
#include "tests/unit/media/role-harness.h"
#include "tests/unit/media/test-sink.h"

namespace crsp::fuzz {
namespace {

using test::RawPeer;
using test::TestNode;
using test::World;

constexpr int kMaxSteps = 40;
/// Bytes that a server sends in a round trip of 10 ms.
constexpr std::uint64_t kPuppetWindow = 600;

/// What decodes is the same after another round.
void CheckBody(ConstByteSpan body) {
    const auto message = DecodeMessage(body);
    if (!message || std::holds_alternative<UnknownMessage>(*message)) return;
    Bytes encoded;
    EncodeMessage(*message, encoded);
    ByteReader in(encoded);
    const auto again = DecodeMessage(*in.LengthPrefixed(kMaxMessageSize));
    CRSP_ASSERT(in.Empty() && again && *again == *message);
}

std::vector<Message> ReadInPieces(ConstByteSpan bytes, std::size_t piece) {
    std::vector<Message> messages;
    MessageReader reader;
    while (!bytes.empty()) {
        const auto part = bytes.first(std::min({bytes.size(), piece, reader.Wanted()}));
        CRSP_ASSERT(!part.empty());
        reader.Append(part);
        bytes = bytes.subspan(part.size());
        const auto next = reader.Next();
        if (!next) break;
        if (*next) messages.push_back(**next);
    }
    return messages;
}

/// Messages are the same however the stream is cut.
void CheckPieces(ConstByteSpan bytes) {
    const auto whole = ReadInPieces(bytes, kMaxMessageSize);
    for (const Message& message : whole) {
        if (std::holds_alternative<UnknownMessage>(message)) continue;
        Bytes encoded;
        EncodeMessage(message, encoded);
    }
    CRSP_ASSERT(ReadInPieces(bytes, 1) == whole);
    CRSP_ASSERT(ReadInPieces(bytes, 7) == whole);
}

/// A peer whose mouth the fuzzer has.
struct Puppet {
    explicit Puppet(std::optional<SocketAddress> target = {}, std::optional<PeerKey> key = {})
        : peer(target, key) {}

    MessageHints Hints() const {
        MessageHints hints;
        if (!peer.heard.empty()) hints.command = CommandOf(peer.heard.back());
        const auto renders = peer.Heard<RenderMessage>();
        if (!renders.empty()) hints.render = renders.back();
        const auto grants = peer.Heard<GrantedMessage>();
        if (!grants.empty()) hints.grant = grants.back().grant;
        hints.renderer = test::PublicKeyOf(3);
        return hints;
    }
    void Act(FuzzedData& data) {
        if (!peer.Connected()) return;
        node->Do([&](TimePoint now, Endpoint& endpoint) { Act(data, now, endpoint); });
    }

    RawPeer peer;
    TestNode* node = nullptr;
    std::vector<StreamId> opened;

  private:
    void Act(FuzzedData& data, TimePoint now, Endpoint& endpoint) {
        const auto connection = peer.Connection();
        switch (data.Below(8)) {
            case 0:
                (void)endpoint.Write(connection, kControlStream, data.Chunk());
                return;
            case 1:
            case 2:
                return Contents(data, endpoint);
            case 3:
                if (!opened.empty())
                    (void)endpoint.Write(connection, opened.back(), data.Chunk(), data.Flag());
                return;
            case 4: {
                const StreamId stream = data.Below(16);
                if (data.Flag()) {
                    (void)endpoint.ResetStream(connection, stream, data.Below(20));
                } else {
                    (void)endpoint.StopSending(connection, stream, data.Below(20));
                }
                return;
            }
            default:
                return peer.Channel().Send(now, endpoint, PickMessage(data, Hints()));
        }
    }
    /// A stream of its own that begins with a message, right or wrong.
    void Contents(FuzzedData& data, Endpoint& endpoint) {
        const auto stream =
            endpoint.OpenStream(peer.Connection(), StreamDirection::kUnidirectional);
        if (!stream) return;
        opened.push_back(*stream);
        const auto asked = Hints().render;
        Bytes bytes;
        const auto length = data.Below(300);
        if (data.Below(4) == 0) {
            EncodeMessage(PickMessage(data, Hints()), bytes);
        } else {
            EncodeMessage(ContentsMessage{asked.command, asked.generation, asked.entry, 1,
                                          asked.offset, asked.offset + length},
                          bytes);
        }
        bytes.resize(bytes.size() + length);
        (void)endpoint.Write(peer.Connection(), *stream, bytes, data.Flag());
    }
};

/// Everybody who talks, and time.
class Stage {
  public:
    World world;
    CheckedTrace trace;
    std::vector<Puppet*> puppets;

    void Add(Puppet& puppet, EndpointConfig config = {}) {
        config.suite = CipherSuite::kChaCha20Poly1305Sha256;
        // The wire has no limit of its own, and one entry has no end.
        config.transport.FixStreamWindow(kPuppetWindow);
        puppet.node = &world.Add(puppet.peer, config);
        puppets.push_back(&puppet);
    }
    TestNode& Add(Role& role, EndpointConfig config = {}) {
        config.suite = CipherSuite::kChaCha20Poly1305Sha256;
        config.tracer = trace.Get();
        return world.Add(role, config);
    }
    template <class Extra>
    void Play(FuzzedData& data, Extra extra) {
        world.RunFor(milliseconds(100));
        for (int i = 0; i < kMaxSteps && !data.Empty(); ++i) {
            const auto choice = data.U8();
            if (choice < 32) {
                world.RunFor(milliseconds(100 * (choice & 15)));
            } else if (choice < 64) {
                extra();
            } else {
                puppets[choice % puppets.size()]->Act(data);
            }
            world.RunFor(milliseconds(20));
        }
    }
};

/// The node numbers are also those of the keys.
constexpr std::uint8_t kServerKey = 1, kReaderKey = 2, kOtherKey = 3;

/// One may read everything, the other one entry.
AccessList ServerAccess() {
    PeerRights all{.name = "reader", .read = true};
    PeerRights some{.name = "other", .read = true, .entries = {"sm*l?"}};
    return AccessList({{test::PublicKeyOf(kReaderKey), all}, {test::PublicKeyOf(kOtherKey), some}});
}

void RunServer(FuzzedData& data) {
    MemoryContentStore store;
    store.AddBytes("small", Bytes(100));
    store.AddGenerated("large", 300'000, 7);
    store.AddGenerated("huge", kVarintMax, 8);
    Stage stage;
    ServerConfig config;
    config.tracer = stage.trace.Get();
    config.serverSecret.emplace();
    ServerRole server(config, store);
    const auto serverKey = test::PublicKeyOf(kServerKey);
    auto& node = stage.Add(server, test::IdentityConfig(kServerKey, {kReaderKey, kOtherKey}));
    node.Do([&](TimePoint now, Endpoint& endpoint) {
        server.SetAccess(now, endpoint, ServerAccess());
    });
    Puppet reader(World::AddressOf(1), serverKey);
    Puppet other(World::AddressOf(1), serverKey);
    stage.Add(reader, test::IdentityConfig(kReaderKey));
    stage.Add(other, test::IdentityConfig(kOtherKey));
    stage.Play(data, [&] { reader.peer.readStreams = !reader.peer.readStreams; });
    stage.world.RunFor(seconds(3));
    // C4: without a grant it hears of no entry that is not its own.
    for (const auto& listing : other.peer.Heard<ListingMessage>()) {
        for (const auto& entry : listing.entries) CRSP_ASSERT(entry.name == "small");
    }
    const auto& counters = server.Counters();
    CRSP_ASSERT(server.SessionCount() <= 2);
    CRSP_ASSERT(counters.transfersCompleted + counters.transfersStopped +
                    counters.transfersFailed <=
                counters.transfersBegun);
}

void RunRenderer(FuzzedData& data) {
    Stage stage;
    test::TestSink sink;
    Puppet server;
    stage.Add(server);
    RendererConfig config;
    config.servers = {{"attic", {World::AddressOf(1)}}};
    config.tracer = stage.trace.Get();
    config.portion = 64;
    RendererRole renderer(config, sink);
    stage.Add(renderer);
    Puppet owner(World::AddressOf(2));
    Puppet other(World::AddressOf(2));
    stage.Add(owner);
    stage.Add(other);
    stage.Play(data, [&] { sink.appetite = sink.appetite == 0 ? ~std::size_t{0} : 0; });
    stage.world.RunFor(seconds(20));
    CRSP_ASSERT(sink.inOrder && sink.largestOffer <= config.portion);
    // Every rendering that was taken to be complete is.
    for (const auto& rendering : sink.renderings) {
        const auto end = rendering.info.offset + rendering.bytes.size();
        CRSP_ASSERT(!rendering.complete || end == rendering.info.size);
    }
}

void RunController(FuzzedData& data) {
    Stage stage;
    Puppet server;
    Puppet renderer;
    stage.Add(server);
    stage.Add(renderer);
    ControllerConfig config;
    config.server = PeerTarget{World::AddressOf(1)};
    config.renderer = PeerTarget{World::AddressOf(2)};
    config.instance = 1;
    config.tracer = stage.trace.Get();
    ControllerRole controller(config);
    auto& node = stage.Add(controller);
    std::map<CommandId, int> answers;
    const auto issue = [&] {
        node.Do([&](TimePoint now, Endpoint&) {
            const auto verb = static_cast<Verb>(answers.size() % 8);
            answers.emplace(controller.Issue(now, verb, "entry"), 0);
        });
    };
    for (int i = 0; i < 8; ++i) issue();
    stage.Play(data, issue);
    stage.world.RunFor(seconds(60));
    while (const auto result = controller.PollResult()) ++answers.at(result->id);
    for (const auto& [id, count] : answers) CRSP_ASSERT(count == 1);
    CRSP_ASSERT(controller.PendingCommands() == 0);
    while (controller.PollNotification()) {
    }
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace crsp::fuzz;
    FuzzedData data(bytes, size);
    const auto what = data.Below(8);
    if (what == 0) CheckBody(data.Rest());
    if (what == 1) CheckPieces(data.Rest());
    if (what == 2 || what == 3) RunServer(data);
    if (what == 4 || what == 5) RunRenderer(data);
    if (what == 6 || what == 7) RunController(data);
    return 0;
}
