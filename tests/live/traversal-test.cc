// SPDX-License-Identifier: BSD-3-Clause
// Whatever stands in the root of a server, and whoever changes it meanwhile: no byte from outside
// of it is ever read, and nothing hangs (SECURITY C1, C2).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <set>
#include <thread>

#include "apps/live/beneath.h"
#include "apps/live/directory-content-store.h"
#include "tests/support/temp-dir.h"

namespace crsp {
namespace {

using namespace std::string_literals;

constexpr std::string_view kOutside = "OUTSIDE";
constexpr std::string_view kInside = "inside";
constexpr unsigned kPatience = 60;

struct Way {
    const char* name;
    BeneathOpener open;
};
constexpr std::array<Way, 2> kWays{
    {{"openat2", OpenBeneath}, {"by components", OpenBeneathByComponents}}};

/// Ends the program, and so the test, if something hangs.
class Watchdog {
  public:
    Watchdog() { ::alarm(kPatience); }
    ~Watchdog() { ::alarm(0); }
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
};

/// What `file` begins with; empty if nothing can be read.
std::string BytesOf(const FileDescriptor& file) {
    std::string text(64, '\0');
    const auto size = file.IsOpen() ? ::read(file.Get(), text.data(), text.size()) : -1;
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
}

/// What the store gives of `id`, in any version; empty if it does not open.
std::string BytesOf(DirectoryContentStore& store, EntryId id) {
    const auto reader = store.Open(id, 0);
    if (!reader) return {};
    std::string text((*reader)->Entry().size, '\0');
    const auto size = (*reader)->Read(0, std::as_writable_bytes(std::span(text)));
    text.resize(size ? *size : 0);
    return text;
}

bool IsFromOutside(const std::string& bytes) {
    return bytes.find(kOutside) != std::string::npos;
}

/// Ways to say "up", "into" and "here" that one decoder or another has taken for such.
std::vector<std::string> TraversalStrings() {
    const std::vector<std::string> ups{"..",
                                       ".",
                                       "...",
                                       "..%00",
                                       "%2e%2e",
                                       "%2E.",
                                       "%252e%252e",
                                       "..;",
                                       ".. ",
                                       "..\\",
                                       "\xc0\xae\xc0\xae",
                                       "\xe0\x80\xae.",
                                       "..\0"s,
                                       "~",
                                       "\xef\xbc\x8e\xef\xbc\x8e",
                                       "\xe2\x80\xa5",
                                       ".\xe2\x80\x8b.",
                                       "link-out",
                                       "folder/.."};
    const std::vector<std::string> slashes{"/",   "//",       "/./",          "\\",
                                           "%2f", "\xc0\xaf", "\xef\xbc\x8f", "\xe2\x88\x95"};
    const std::vector<std::string> fronts{"", "/", "./", "C:\\", "file://", "folder/"};
    const std::vector<std::string> tails{"secret", "secret/", "secret.", "secret\0.txt"s};
    std::vector<std::string> all{"",   ".",   "..",          "/",
                                 "//", "\0"s, "/etc/passwd", "/proc/self/environ"};
    for (const auto& up : ups) {
        for (const auto& slash : slashes) {
            for (const auto& front : fronts) {
                for (const auto& tail : tails) {
                    all.push_back(front + up + slash + tail);
                    all.push_back(front + up + slash + up + slash + "outside" + slash + tail);
                }
            }
        }
    }
    return all;
}

/// A folder that holds a root and, beside it, what must never be read.
class Traversal : public ::testing::Test {
  protected:
    void SetUp() override {
        std::filesystem::create_directories(m_dir.Path("root/folder/deep"));
        std::filesystem::create_directories(m_dir.Path("outside/deep"));
        for (const char* secret : {"secret", "secret.", "outside/secret", "outside/secret.",
                                   "outside/file", "outside/deep/file"}) {
            m_dir.Write(secret, kOutside);
        }
        m_dir.Write("root/file", kInside);
        m_dir.Write("root/folder/file", kInside);
        m_dir.Write("root/folder/deep/file", kInside);
        Link(m_dir.Path("outside"), "link-out");
    }
    std::string InRoot(const std::string& name) const { return m_dir.Path("root/" + name); }
    FileDescriptor Root() const {
        return FileDescriptor(::open(InRoot("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
    std::unique_ptr<DirectoryContentStore> Store(const Way& way) const {
        return DirectoryContentStore::Create(InRoot(""), EntryKeyOf(std::nullopt), OwnFiles(),
                                             way.open)
            .value();
    }
    void Link(const std::string& target, const std::string& name) const {
        ASSERT_EQ(::symlink(target.c_str(), InRoot(name).c_str()), 0) << name;
    }
    static EntryId IdOf(DirectoryContentStore& store, std::string_view name) {
        for (const auto& entry : store.List(0, store.Count())) {
            if (entry.name == name) return entry.id;
        }
        return 0;
    }

    TempDir m_dir;
    Watchdog m_watchdog;
};

TEST_F(Traversal, C1_NoStringOpensAnythingOutside) {
    const auto strings = TraversalStrings();
    ASSERT_GE(strings.size(), 2'000u);
    const auto root = Root();
    for (const auto& way : kWays) {
        ASSERT_EQ(BytesOf(way.open(root.Get(), "folder/deep/file")), kInside) << way.name;
        for (const auto& path : strings) {
            ASSERT_FALSE(IsFromOutside(BytesOf(way.open(root.Get(), path))))
                << way.name << ": " << path;
        }
    }
}

TEST_F(Traversal, C1_FilesOfSuchNamesAreOnlyThemselves) {
    std::set<std::string> names;
    for (const auto& name : TraversalStrings()) {
        const bool possible = name.find('/') == std::string::npos &&
                              name.find('\0') == std::string::npos && !name.empty() &&
                              name != "." && name != "..";
        if (!possible || !names.insert(name).second) continue;
        m_dir.Write("root/" + name, std::string(kInside) + name);
    }
    ASSERT_GE(names.size(), 500u);
    for (const auto& way : kWays) {
        const auto store = Store(way);
        std::size_t seen = 0;
        for (const auto& entry : store->List(0, store->Count())) {
            const bool own = names.count(entry.name) != 0;
            seen += own;
            const auto expected = std::string(kInside) + (own ? entry.name : "");
            ASSERT_EQ(BytesOf(*store, entry.id), expected.substr(0, expected.size())) << entry.name;
        }
        const auto hidden = std::count_if(names.begin(), names.end(),
                                          [](const auto& name) { return name.front() == '.'; });
        EXPECT_EQ(seen, names.size() - static_cast<std::size_t>(hidden)) << way.name;
    }
}

TEST_F(Traversal, C1_SuchStringsAsIdsAreRefused) {
    const auto store = Store(kWays[0]);
    std::set<EntryId> offered;
    std::set<EntryId> asked{1, ~EntryId{0}, EntryId{1} << 63};
    for (const auto& entry : store->List(0, store->Count())) {
        offered.insert(entry.id);
        for (int bit = 0; bit < 64; ++bit) asked.insert(entry.id ^ EntryId{1} << bit);
    }
    for (const auto& text : TraversalStrings()) {
        for (std::size_t at = 0; at + sizeof(EntryId) <= text.size(); ++at) {
            EntryId id = 0;
            std::memcpy(&id, text.data() + at, sizeof(id));
            asked.insert(id);
        }
    }
    asked.insert(0);
    ASSERT_GE(asked.size(), 2'000u);
    for (const EntryId id : asked) {
        if (offered.count(id) != 0) continue;
        const auto reader = store->Open(id, 0);
        ASSERT_FALSE(reader) << id;
        ASSERT_EQ(reader.error(), MediaErrorCode::kNoSuchEntry) << id;
    }
}

/// Puts something that must not be read in the place of a name.
struct Impostor {
    std::string what;
    std::function<bool(const std::string& path)> make;
};

bool MakeSocket(const std::string& path) {
    const FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) return false;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return ::bind(fd.Get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
}

Impostor LinkTo(std::string target) {
    return {"a link to " + target, [target](const std::string& path) {
                return ::symlink(target.c_str(), path.c_str()) == 0;
            }};
}

TEST_F(Traversal, C2_NothingInTheOfferedFilesPlaceIsRead) {
    const FileDescriptor held(::open(m_dir.Path("secret").c_str(), O_RDONLY));
    const auto self = "/proc/self/fd/" + std::to_string(held.Get());
    std::vector<Impostor> impostors{
        {"a FIFO", [](const auto& path) { return ::mkfifo(path.c_str(), 0600) == 0; }},
        {"a socket", MakeSocket},
        {"a folder", [](const auto& path) { return ::mkdir(path.c_str(), 0700) == 0; }},
        {"a device without end",
         [](const auto& path) {
             return ::mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 5)) == 0;
         }},
        {"a terminal",
         [](const auto& path) {
             return ::mknod(path.c_str(), S_IFCHR | 0600, makedev(5, 0)) == 0;
         }},
        {"nothing", [](const auto&) { return true; }},
    };
    for (const auto& target :
         {m_dir.Path("secret"), self, "/proc/self/root"s + m_dir.Path("secret"), "/dev/zero"s,
          "/dev/stdin"s, "/dev/tty"s, "../secret"s, "../../secret"s, "../../../secret"s,
          InRoot("file"), "file"s, "/"s, "."s, "loop"s}) {
        impostors.push_back(LinkTo(target));
    }
    std::size_t cases = 0;
    for (const auto& way : kWays) {
        for (const char* name : {"file", "folder/file", "folder/deep/file"}) {
            for (const auto& impostor : impostors) {
                m_dir.Write("root/"s + name, kInside);
                const auto store = Store(way);
                const auto id = IdOf(*store, name);
                ASSERT_EQ(BytesOf(*store, id), kInside);
                std::filesystem::remove(InRoot(name));
                if (impostor.make(InRoot(name))) {
                    ++cases;
                    EXPECT_FALSE(store->Open(id, 0))
                        << way.name << ", " << name << " is now " << impostor.what;
                    EXPECT_EQ(IdOf(*Store(way), name), 0u) << impostor.what;
                }
                std::filesystem::remove_all(InRoot(name));
            }
        }
    }
    EXPECT_GE(cases, 100u);
}

TEST_F(Traversal, C2_NoFolderSwappedForALinkLeadsAnywhere) {
    for (const auto& way : kWays) {
        for (const auto& target : {m_dir.Path("outside"), "../outside"s, "../../outside"s,
                                   "/proc/self/root"s + m_dir.Path("outside"), "other"s}) {
            for (const auto& folder : {"folder"s, "folder/deep"s}) {
                std::filesystem::create_directories(InRoot("folder/deep"));
                m_dir.Write("root/folder/file", kInside);
                m_dir.Write("root/folder/deep/file", kInside);
                const auto store = Store(way);
                const auto id = IdOf(*store, folder + "/file");
                ASSERT_EQ(BytesOf(*store, id), kInside);
                std::filesystem::rename(InRoot(folder), InRoot("other"));
                Link(target, folder);
                EXPECT_FALSE(store->Open(id, 0)) << way.name << ", " << folder << " to " << target;
                EXPECT_EQ(IdOf(*Store(way), folder + "/file"), 0u) << target;
                std::filesystem::remove_all(InRoot("folder"));
                std::filesystem::remove_all(InRoot("other"));
            }
        }
    }
}

TEST_F(Traversal, C2_AHardLinkIsAFileOfTheRootAsAnyOther) {
    ASSERT_EQ(::link(InRoot("file").c_str(), InRoot("again").c_str()), 0);
    for (const auto& way : kWays) {
        const auto store = Store(way);
        EXPECT_EQ(BytesOf(*store, IdOf(*store, "again")), kInside);
        EXPECT_NE(IdOf(*store, "again"), IdOf(*store, "file"));
    }
}

TEST_F(Traversal, C2_AFileSystemMountedBelowIsNotEntered) {
    // /proc is another file system wherever this runs; its own root is a folder that can be had.
    const FileDescriptor slash(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat root {};
    struct stat proc {};
    ASSERT_EQ(::fstat(slash.Get(), &root), 0);
    if (::stat("/proc/version", &proc) != 0 || root.st_dev == proc.st_dev) GTEST_SKIP();
    for (const auto& way : kWays) {
        EXPECT_FALSE(way.open(slash.Get(), "proc/version").IsOpen()) << way.name;
        EXPECT_EQ(errno, EXDEV) << way.name;
    }
}

/// Exchanges two names as fast as it can, and leaves them as they were.
class Swapper {
  public:
    Swapper(std::string a, std::string b)
        : m_a(std::move(a)), m_b(std::move(b)), m_thread([this] {
              while (!m_done || m_swaps % 2 != 0) m_swaps += Swap();
          }) {}
    ~Swapper() {
        m_done = true;
        m_thread.join();
    }
    std::size_t Swaps() const { return m_swaps; }

  private:
    bool Swap() const {
        return ::renameat2(AT_FDCWD, m_a.c_str(), AT_FDCWD, m_b.c_str(), RENAME_EXCHANGE) == 0;
    }

    std::string m_a;
    std::string m_b;
    std::atomic<bool> m_done = false;
    std::atomic<std::size_t> m_swaps = 0;
    std::thread m_thread;
};

constexpr int kRaceOpens = 20'000;
constexpr int kMostRaceOpens = 1'000'000;

/// Opens `name` again and again while `other` takes its place and leaves it.
void Race(const std::string& root, const Way& way, const std::string& name,
          const std::string& swapped, const std::string& other) {
    const auto store =
        DirectoryContentStore::Create(root, EntryKeyOf(std::nullopt), OwnFiles(), way.open).value();
    EntryId id = 0;
    for (const auto& entry : store->List(0, store->Count())) {
        if (entry.name == name) id = entry.id;
    }
    ASSERT_NE(id, 0u);
    const Swapper swapper(root + "/" + swapped, root + "/" + other);
    int inside = 0;
    int refused = 0;
    for (int i = 0; i < kMostRaceOpens; ++i) {
        if (i >= kRaceOpens && inside > 0 && refused > 0) break;
        const auto reader = store->Open(id, 0);
        refused += !reader;
        if (!reader) continue;
        std::array<char, 16> text{};
        const auto size = (*reader)->Entry().size;
        ASSERT_EQ(size, kInside.size()) << "the other's size";
        const auto read = (*reader)->Read(0, std::as_writable_bytes(std::span(text)).first(size));
        inside += read.has_value();
        if (!read) continue;
        ASSERT_EQ(std::string_view(text.data(), *read), kInside);
    }
    EXPECT_GT(swapper.Swaps(), 0u);
    EXPECT_GT(inside, 0) << way.name << ": the file was never there";
    EXPECT_GT(refused, 0) << way.name << ": the other was never there";
}

TEST_F(Traversal, C2_AFileThatIsALinkNowAndThenNeverLeadsOutside) {
    Link(m_dir.Path("secret"), ".swap");
    for (const auto& way : kWays) Race(InRoot(""), way, "file", "file", ".swap");
}

TEST_F(Traversal, C2_AFolderThatIsALinkNowAndThenNeverLeadsOutside) {
    Link(m_dir.Path("outside"), ".swap");
    for (const auto& way : kWays) Race(InRoot(""), way, "folder/deep/file", "folder", ".swap");
}

TEST_F(Traversal, C2_AFileThatIsAFifoNowAndThenNeverBlocks) {
    ASSERT_EQ(::mkfifo(InRoot(".swap").c_str(), 0600), 0);
    for (const auto& way : kWays) Race(InRoot(""), way, "file", "file", ".swap");
}

TEST_F(Traversal, C2_ScansOfAFolderThatIsALinkNowAndThenFindNothingOutside) {
    m_dir.Write("outside/only-outside", kOutside);
    Link(m_dir.Path("outside"), ".swap");
    const auto store = Store(kWays[0]);
    const Swapper swapper(InRoot("folder"), InRoot(".swap"));
    for (int i = 0; i < kRaceOpens / 10; ++i) {
        ASSERT_TRUE(store->Rescan());
        ASSERT_EQ(IdOf(*store, "folder/only-outside"), 0u);
    }
}

}  // namespace
}  // namespace crsp
