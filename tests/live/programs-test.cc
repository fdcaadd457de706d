// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "model/crypto/aead.h"
#include "tests/live/process.h"
#include "tests/support/permissions.h"
#include "tests/support/temp-dir.h"

namespace crsp {
namespace {

using Arguments = std::vector<std::string>;

/// What a program says on stderr, less what --no-auth makes it say beside.
std::string Complaint(const std::string& program, const Finished& end) {
    const std::string warning =
        program + ": UNAUTHENTICATED: running without authentication, as --no-auth says\n";
    return end.err.starts_with(warning) ? end.err.substr(warning.size()) : end.err;
}

/// The program must refuse with this code, and with one line on stderr that begins with its name
/// and holds `phrase`.
void ExpectRefusal(const std::string& program, const Arguments& arguments, int code,
                   std::string_view phrase) {
    const auto end = RunToEnd(program, arguments);
    const auto complaint = Complaint(program, end);
    EXPECT_EQ(end.code, code) << end.err;
    EXPECT_NE(complaint.find(phrase), std::string::npos) << end.err;
    EXPECT_TRUE(complaint.starts_with(program + ": ")) << end.err;
    EXPECT_EQ(complaint.find('\n'), complaint.size() - 1) << end.err;
    EXPECT_EQ(end.out, "");
}

TEST(Programs, EachExplainsItselfAndItsVersion) {
    for (const char* program : {"crsp-server", "crsp-renderer", "crsp-controller", "crsp-relay"}) {
        const auto help = RunToEnd(program, {"--help"});
        EXPECT_EQ(help.code, 0);
        EXPECT_NE(help.out.find("Usage:"), std::string::npos) << program;
        const auto version = RunToEnd(program, {"--version"});
        EXPECT_EQ(version.code, 0);
        EXPECT_EQ(version.out.rfind(program, 0), 0u) << version.out;
        EXPECT_NE(version.out.find("engine"), std::string::npos);
        const bool faster = IsUsable(AeadLibrary::kIpsecMb, CipherSuite::kAes256GcmSha256);
        EXPECT_EQ(version.out.find("ipsec-mb ") != std::string::npos, faster) << version.out;
    }
}

TEST(Programs, CountersReplaceNothingButFiles) {
    TempDir dir;
    const std::string link = dir.Path("link");
    std::filesystem::create_symlink("elsewhere", link);
    const Arguments common{"--root", dir.Path(), "--no-auth", "--listen", "127.0.0.1:0"};
    for (const auto& [target, phrase] : {std::pair(link, "it is not a regular file"),
                                         std::pair(dir.Path("none/x"), "No such file")}) {
        auto arguments = common;
        arguments.insert(arguments.end(), {"--stats", target});
        ExpectRefusal("crsp-server", arguments, 1, phrase);
        ExpectRefusal("crsp-relay",
                      {"--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--stats", target}, 1,
                      phrase);
        ExpectRefusal("crsp-renderer",
                      {"--no-auth", "--listen", "127.0.0.1:0", "--timeline", target}, 1, phrase);
    }
    EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST(Programs, C2_CapturesAndKeyLogsWaitForNobodyAtAPipe) {
    const TempDir dir;
    const auto pipe = dir.Path("pipe");
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    for (const std::string option : {"--pcap", "--keylog"}) {
        ExpectRefusal("crsp-server",
                      {"--root", dir.Path(), "--no-auth", "--listen", "127.0.0.1:0", option, pipe},
                      1, "'" + pipe + "': it is not a regular file");
    }
}

TEST(Programs, C2_FilesOfAnotherUserAreNotWritten) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    const TempDir dir;
    const auto foreign = [&](const std::string& name) {
        const auto path = dir.Write(name, "theirs");
        ::chmod(path.c_str(), 0600);
        EXPECT_EQ(::chown(path.c_str(), 65534, 65534), 0);
        return path;
    };
    const auto file = foreign("file");
    const auto part = foreign("out.part");
    const std::string sentence = "it belongs to another user (uid 65534, this is 0)";
    const Arguments server{"--root", dir.Path(), "--no-auth", "--listen", "127.0.0.1:0"};
    const auto with = [&](const std::string& option) {
        auto arguments = server;
        arguments.insert(arguments.end(), {option, file});
        return arguments;
    };
    ExpectRefusal("crsp-server", with("--stats"), 1, "cannot write '" + file + "': " + sentence);
    ExpectRefusal("crsp-server", with("--pcap"), 1,
                  "cannot write the capture '" + file + "': " + sentence);
    ExpectRefusal("crsp-server", with("--keylog"), 78, "others may read the key log '" + file);
    ExpectRefusal("crsp-renderer",
                  {"--no-auth", "--listen", "127.0.0.1:0", "--server", "a=127.0.0.1:1", "--output",
                   dir.Path("out")},
                  1, "cannot write '" + part + "': " + sentence);
    EXPECT_EQ(ReadFile(file), "theirs");
    EXPECT_EQ(ReadFile(part), "theirs");
}

TEST(Programs, EachFileOfARendererIsTried) {
    const TempDir dir;
    const auto timeline = dir.Path("timeline");
    const auto stats = dir.Path("stats");
    const Arguments arguments{"--no-auth",  "--listen", "127.0.0.1:0", "--server", "a=127.0.0.1:1",
                              "--timeline", timeline,   "--stats",     stats};
    const auto endOf = [&](const std::vector<std::string>& inTheWay) {
        Process renderer("crsp-renderer", arguments);
        EXPECT_NE(renderer.WaitListening(), "") << renderer.Err();
        for (const auto& path : inTheWay) std::filesystem::create_directory(path);
        renderer.Signal(SIGTERM);
        EXPECT_EQ(renderer.Wait(), inTheWay.empty() ? 143 : 1);
        return renderer.Err();
    };
    const auto complaint = [](const std::string& path) {
        return "crsp-renderer: cannot write '" + path + "': it is not a regular file\n";
    };
    const auto one = endOf({timeline});
    EXPECT_NE(one.find(complaint(timeline)), std::string::npos) << one;
    EXPECT_EQ(nlohmann::json::parse(ReadFile(stats)).at("program"), "crsp-renderer");
    std::filesystem::remove(timeline);
    std::filesystem::remove(stats);
    const auto both = endOf({timeline, stats});
    EXPECT_NE(both.find(complaint(timeline)), std::string::npos) << both;
    EXPECT_NE(both.find(complaint(stats)), std::string::npos) << both;
    std::filesystem::remove(timeline);
    std::filesystem::remove(stats);
    endOf({});
    EXPECT_TRUE(std::filesystem::is_regular_file(timeline));
    EXPECT_TRUE(std::filesystem::is_regular_file(stats));
}

TEST(Programs, OutputThatCannotBeWrittenIsAFailure) {
    const TempDir dir;
    for (const std::string program :
         {"crsp-server", "crsp-renderer", "crsp-controller", "crsp-relay"}) {
        for (const std::string option : {" --version", " --help"}) {
            const auto command = std::string(CRSP_BIN_DIR) + "/" + program + option +
                                 " > /dev/full 2> " + dir.Path("err");
            const int status = std::system(command.c_str());
            EXPECT_EQ(WEXITSTATUS(status), 1) << command;
            EXPECT_EQ(ReadFile(dir.Path("err")),
                      program + ": cannot write to standard output: No space left on device\n");
        }
    }
}

TEST(Programs, BadCommandLinesAreUsageErrors) {
    const TempDir dir;
    ExpectRefusal("crsp-server", {"--nonsense"}, 64, "--nonsense");
    ExpectRefusal("crsp-server", {"--no-auth"}, 64, "--root");
    ExpectRefusal("crsp-server", {"--root", dir.Path(), "--psk", "x", "--no-auth"}, 64,
                  "--no-auth");
    ExpectRefusal("crsp-server", {"--root", dir.Path(), "--key", "x", "--no-auth"}, 64,
                  "--no-auth");
    ExpectRefusal("crsp-server", {"--root", dir.Path(), "--psk", "x", "--peers", "x"}, 64,
                  "--peers is for a node with an identity");
    ExpectRefusal("crsp-server", {"--root", dir.Path(), "--no-auth", "--listen", "nonsense"}, 64,
                  "'nonsense' is not an address");
    ExpectRefusal("crsp-server", {"--root", dir.Path(), "--no-auth", "--window", "1"}, 64,
                  "--window must be from");
    for (const char* size : {"1199", "8953", "1GiB"}) {
        ExpectRefusal("crsp-server",
                      {"--root", dir.Path(), "--no-auth", "--max-datagram-size", size}, 64,
                      "--max-datagram-size must be from 1200 to 8952 bytes");
    }
    ExpectRefusal(
        "crsp-server", {"--root", dir.Path(), "--no-auth", "--congestion", "reno"}, 64,
        "--congestion: expected one of new_reno, cubic, fixed_rate, bbr, bbr_lda, got 'reno'");
    ExpectRefusal("crsp-server", {"--root", dir.Path(), "--no-auth", "--fixed-rate", "1Mbit"}, 64,
                  "need each other");
    ExpectRefusal("crsp-server", {"--root", dir.Path(), "--no-auth", "--congestion", "fixed_rate"},
                  64, "need each other");
    ExpectRefusal(
        "crsp-server",
        {"--root", dir.Path(), "--no-auth", "--congestion", "fixed_rate", "--fixed-rate", "0"}, 64,
        "--fixed-rate must be above 0");
    ExpectRefusal("crsp-renderer", {"--no-auth"}, 64, "--server NAME=HOST:PORT");
    ExpectRefusal("crsp-renderer", {"--no-auth", "--server", "127.0.0.1:1"}, 64,
                  "expected NAME=HOST:PORT");
    ExpectRefusal("crsp-renderer", {"--no-auth", "--server", "a=127.0.0.1:1", "--raw"}, 64,
                  "--raw is for");
    ExpectRefusal("crsp-renderer", {"--no-auth", "--server", "a=127.0.0.1:1", "--max-bytes", "1MB"},
                  64, "--max-bytes is for --output FILE only");
    ExpectRefusal("crsp-renderer", {"--no-auth", "--output", dir.Path("o"), "--max-bytes", "1M"},
                  64, "--max-bytes: expected a number of bytes, as in 1500, 256KiB or 10MB");
    ExpectRefusal("crsp-controller", {"--no-auth"}, 64,
                  "a command is missing, expected one of list, play, pause,");
    ExpectRefusal("crsp-controller", {"--no-auth", "play"}, 64, "play: entry is required");
    ExpectRefusal("crsp-controller", {"--no-auth", "--timeout"}, 64,
                  "--timeout: its value is missing");
    ExpectRefusal("crsp-relay", {}, 64, "--map LISTEN=TARGET");
    ExpectRefusal("crsp-relay", {"--map", "127.0.0.1:0"}, 64, "expected LISTEN=TARGET");
}

TEST(Programs, C10_BytesAsTheyAreAreNotForTerminals) {
    const TempDir dir;
    const FileDescriptor terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    ASSERT_TRUE(terminal.IsOpen());
    ASSERT_EQ(::grantpt(terminal.Get()), 0);
    ASSERT_EQ(::unlockpt(terminal.Get()), 0);
    const auto command = "timeout 60 " + std::string(CRSP_BIN_DIR) +
                         "/crsp-renderer --no-auth --listen 127.0.0.1:0 --server a=127.0.0.1:9 "
                         "--output - --raw > " +
                         ::ptsname(terminal.Get()) + " 2> " + dir.Path("err");
    EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 64);
    EXPECT_EQ(ReadFile(dir.Path("err")),
              "crsp-renderer: --raw would let foreign content command the terminal; send standard "
              "output to a pipe or a file\n");
    Process piped("crsp-renderer", {"--no-auth", "--listen", "127.0.0.1:0", "--server",
                                    "a=127.0.0.1:9", "--output", "-", "--raw"});
    EXPECT_NE(piped.WaitListening(), "") << piped.Err();
}

TEST(Programs, WordsThatNobodyKnowsAreNamed) {
    ExpectRefusal("crsp-controller", {"--no-auth", "plai", "file"}, 64,
                  "unknown command 'plai', expected one of list, play,");
    ExpectRefusal("crsp-controller", {"--no-auth", "list", "extra"}, 64,
                  "unexpected argument 'extra'");
    ExpectRefusal("crsp-controller", {"--no-auth", "--bad"}, 64, "unknown option '--bad'");
    ExpectRefusal("crsp-controller", {"--no-auth", "play", "-dash"}, 64,
                  "unknown option '-dash', and what is no option goes behind --");
    ExpectRefusal("crsp-server", {"\x1b[2J"}, 64, "unknown command '\\x1b[2J'");
}

TEST(Programs, BadValuesNameTheirOptionAndWhatWasExpected) {
    ExpectRefusal("crsp-controller", {"--no-auth", "--timeout", "-1", "status"}, 64,
                  "--timeout: expected a duration with its unit, as in 50ms, 1.5s or 2min, "
                  "got '-1'");
    ExpectRefusal("crsp-server", {"--window", "big"}, 64, "--window: expected a number of bytes");
    for (const char* seed : {"-1", "1e3", "1.5", "", "18446744073709551616"}) {
        ExpectRefusal("crsp-relay", {"--seed", seed}, 64,
                      "--seed: expected an integer from 0 to 18446744073709551615, got '");
    }
    ExpectRefusal("crsp-relay", {"--up-ge", "5"}, 64, "--up-ge: expected mean loss");
    ExpectRefusal("crsp-relay", {"--blackout", "5s"}, 64, "--blackout: expected begin and end");
}

TEST(Programs, AddressesThatCannotBeReachedAreRefusedAtOnce) {
    // Waiting for an answer would outlive the test.
    ExpectRefusal("crsp-controller",
                  {"--no-auth", "--timeout", "1h", "--server", "127.0.0.1:0", "list"}, 64,
                  "--server: nobody can be reached at port 0 of '127.0.0.1'");
    ExpectRefusal("crsp-controller", {"--no-auth", "--renderer", "127.0.0.1:0", "status"}, 64,
                  "--renderer: nobody can be reached at port 0");
    ExpectRefusal("crsp-controller", {"--no-auth", "--server", "", "list"}, 64,
                  "--server: '': expected HOST:PORT");
    ExpectRefusal("crsp-controller", {"--no-auth", "--server", "127.0.0.1", "list"}, 64,
                  "--server: '127.0.0.1' is not an address: the port is missing");
    ExpectRefusal("crsp-renderer", {"--no-auth", "--server", "home=127.0.0.1"}, 64,
                  "--server: '127.0.0.1' is not an address: the port is missing");
    ExpectRefusal("crsp-renderer", {"--no-auth", "--server", "home=127.0.0.1:0"}, 64,
                  "--server: nobody can be reached at port 0");
    ExpectRefusal("crsp-relay", {"--listen", "127.0.0.1:0", "--to", "127.0.0.1:0"}, 64,
                  "--to: nobody can be reached at port 0");
}

TEST(Programs, ARendererTellsItsServersApart) {
    ExpectRefusal("crsp-renderer",
                  {"--no-auth", "--server", "home=127.0.0.1:1", "--server", "other=127.0.0.1:2",
                   "--server", "home=127.0.0.1:3"},
                  64, "--server: two servers are called 'home'");
}

TEST(Programs, ARelayDoesNotFeedItself) {
    const auto refused = [](const Arguments& arguments, std::string_view option) {
        ExpectRefusal("crsp-relay", arguments, 64, option);
    };
    refused({"--listen", "127.0.0.1:59009", "--to", "127.0.0.1:59009"},
            "--to: passing on from 127.0.0.1:59009 to itself");
    refused({"--listen", "0.0.0.0:59009", "--to", "127.0.0.1:59009"}, "--to: passing on");
    refused({"--listen", "[::]:59009", "--to", "127.0.0.1:59009"}, "--to: passing on");
    refused({"--map", "127.0.0.1:59009=127.0.0.1:59009"}, "--map: passing on");
}

TEST(Programs, C11_OwnNamesBreakNoLine) {
    const TempDir dir;
    const auto odd = dir.Path("a\nb\x1b[2J\tc");
    const auto shown = dir.Path("a\\x0ab\\x1b[2J\\x09c");
    ExpectRefusal("crsp-server", {"--no-auth", "--root", odd}, 66, "'" + shown + "'");
    ExpectRefusal("crsp-controller", {"--psk", odd, "status"}, 66, "'" + shown + "'");
    ExpectRefusal("crsp", {"key", "show", odd}, 66, "'" + shown + "'");
    const auto made = RunToEnd("crsp", {"key", "generate", odd});
    EXPECT_EQ(made.code, 0);
    EXPECT_NE(made.err.find(shown), std::string::npos) << made.err;
}

/// The front door of the repository.
TEST(Programs, OneRowDoesNotReplaceTheTableOfAttacks) {
    const TempDir dir;
    const auto command =
        std::string(CRSP_SOURCE_DIR) + "/run attacks A4 --write 2> " + dir.Path("err");
    EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 64);
    EXPECT_EQ(ReadFile(dir.Path("err")),
              "run: --write keeps the table of all rows, so it does not go with 'A4'\n");
}

TEST(Programs, AnEmptyNameIsNoDefault) {
    ExpectRefusal("crsp-server", {"--root", "/", "--psk", ""}, 64, "--psk: expected the name");
    ExpectRefusal("crsp-server", {"--root", "/", "--key", ""}, 64, "--key: expected the name");
    ExpectRefusal("crsp", {"peers", "--peers", ""}, 64, "--peers: expected the name");
    ExpectRefusal("crsp-renderer", {"--no-auth", "--output", ""}, 64, "--output: expected");
}

TEST(Programs, UnreadableRootsAreMissingInput) {
    const TempDir dir;
    const auto file = dir.Write("file", "x");
    ExpectRefusal("crsp-server", {"--no-auth", "--root", dir.Path("none")}, 66,
                  "cannot read the root directory");
    ExpectRefusal("crsp-server", {"--no-auth", "--root", file}, 66, "Not a directory");
}

TEST(Programs, ARootWithoutPermissionIsMissingInput) {
    const ObeyedFileModes obeyed;
    if (!obeyed) GTEST_SKIP() << "root may read everything here";
    const TempDir dir;
    ::chmod(dir.Path().c_str(), 0);
    ExpectRefusal("crsp-server", {"--no-auth", "--root", dir.Path()}, 66, "Permission denied");
    ::chmod(dir.Path().c_str(), 0700);
}

TEST(Programs, BadKeyFilesAreRefused) {
    const TempDir dir;
    const auto key = dir.Write("key", std::string(32, 'k'));
    const auto run = [&](int code, std::string_view phrase) {
        ExpectRefusal("crsp-server", {"--root", dir.Path(), "--psk", key}, code, phrase);
        ExpectRefusal("crsp-controller", {"--psk", key, "status"}, code, phrase);
    };
    ::chmod(key.c_str(), 0644);
    run(78, "open to others");
    dir.Write("key", "short");
    ::chmod(key.c_str(), 0600);
    run(78, "holds no key");
    std::filesystem::remove(key);
    run(66, "No such file");
}

TEST(Programs, GeneratedKeysAreNeverOverwritten) {
    const TempDir dir;
    EXPECT_EQ(RunToEnd("crsp-server", {"genkey", dir.Path("key")}).code, 0);
    const auto key = ReadFile(dir.Path("key"));
    EXPECT_EQ(key.size(), 65u);
    ExpectRefusal("crsp-server", {"genkey", dir.Path("key")}, 1, "File exists");
    EXPECT_EQ(ReadFile(dir.Path("key")), key);
}

TEST(Programs, APortInUseIsSaid) {
    const TempDir dir;
    const Arguments arguments{"--root", dir.Path(), "--no-auth", "--listen", "127.0.0.1:0"};
    Process first("crsp-server", arguments);
    const auto address = first.WaitListening();
    ASSERT_NE(address, "") << first.Err();
    ExpectRefusal("crsp-server", {"--root", dir.Path(), "--no-auth", "--listen", address}, 69,
                  "the port is in use");
    ExpectRefusal("crsp-renderer", {"--server", "a=127.0.0.1:1", "--no-auth", "--listen", address},
                  69, "the port is in use");
    ExpectRefusal("crsp-relay", {"--listen", address, "--to", "127.0.0.1:1"}, 69,
                  "the port is in use");
}

TEST(Programs, UnknownServersAndRenderersAreUnavailable) {
    ExpectRefusal("crsp-controller", {"--no-auth", "--server", "nobody.invalid:1", "list"}, 69,
                  "cannot find the host");
    ExpectRefusal("crsp-renderer", {"--no-auth", "--server", "a=nobody.invalid:1"}, 69,
                  "cannot find the host");
    ExpectRefusal("crsp-controller",
                  {"--no-auth", "--server", "127.0.0.1:1", "--timeout", "500ms", "list"}, 69,
                  "could not reach the server at 127.0.0.1:1 within 0.5 s: is it running");
    ExpectRefusal("crsp-controller",
                  {"--no-auth", "--renderer", "127.0.0.1:1", "--timeout", "500ms", "status"}, 69,
                  "could not reach the renderer at 127.0.0.1:1 within 0.5 s");
    ExpectRefusal("crsp-controller",
                  {"--no-auth", "--server", "127.0.0.1:1", "--renderer", "127.0.0.1:2", "--timeout",
                   "500ms", "play", "file"},
                  69,
                  "could not reach the server at 127.0.0.1:1 and the renderer at 127.0.0.1:2 "
                  "within 0.5 s");
}

TEST(Programs, AScriptWithoutItsPeersIsOneComplaintToo) {
    const TempDir dir;
    const auto script = dir.Write("script", "0 list\n0 play file\n0.1 status\n");
    ExpectRefusal("crsp-controller",
                  {"--no-auth", "--server", "127.0.0.1:1", "--renderer", "127.0.0.1:2", "--timeout",
                   "500ms", "script", script},
                  69, "could not reach the server at 127.0.0.1:1 and the renderer at 127.0.0.1:2");
}

TEST(Programs, SignalsEndEachInGoodOrder) {
    const TempDir dir;
    const std::vector<std::pair<std::string, Arguments>> programs{
        {"crsp-server", {"--root", dir.Path(), "--no-auth", "--listen", "127.0.0.1:0"}},
        {"crsp-renderer", {"--server", "a=127.0.0.1:1", "--no-auth", "--listen", "127.0.0.1:0"}},
        {"crsp-relay", {"--listen", "127.0.0.1:0", "--to", "127.0.0.1:1"}}};
    for (const auto& [program, arguments] : programs) {
        for (const auto& [signal, code] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
            Process process(program, arguments);
            ASSERT_NE(process.WaitListening(), "") << process.Err();
            process.Signal(signal);
            EXPECT_EQ(process.Wait(), code) << program;
        }
    }
}

TEST(Programs, BadScriptsAreRefusedWithTheirLine) {
    const TempDir dir;
    const auto script = dir.Write("script", "0 status\n1 dance\n");
    ExpectRefusal("crsp-controller", {"--no-auth", "script", script}, 65, script + ":2:");
    ExpectRefusal("crsp-controller", {"--no-auth", "script", dir.Path("none")}, 66,
                  "cannot read the script");
}

TEST(Programs, EndlessScriptsAreRefused) {
    const TempDir dir;
    const auto fifo = dir.Path("fifo");
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    for (const auto& path : {std::string("/dev/full"), fifo, dir.Path()}) {
        ExpectRefusal("crsp-controller", {"--no-auth", "script", path}, 66, "not a regular file");
    }
    const auto line = std::string("# as long as it may be\n");
    std::string text;
    while (text.size() <= (1u << 20)) text += line;
    ExpectRefusal("crsp-controller", {"--no-auth", "script", dir.Write("long", text)}, 65,
                  "is longer than 1048576 bytes");
    text.resize(1u << 20);
    ExpectRefusal("crsp-controller", {"--no-auth", "script", dir.Write("full", text)}, 65,
                  "no command in it");
}

TEST(Programs, AScriptWithoutCommandsIsBadData) {
    const TempDir dir;
    for (const char* text : {"", "\n\n", "# nothing\n"}) {
        const auto script = dir.Write("script", text);
        ExpectRefusal("crsp-controller", {"--no-auth", "script", script}, 65,
                      script + ":1: no command in it, expected lines of SECONDS VERB [ENTRY]");
    }
    ExpectRefusal("crsp-controller", {"--no-auth", "script", "-"}, 65, "-:1: no command in it");
}

TEST(Programs, HelpOfPlaySaysHowToNameAnything) {
    const auto help = RunToEnd("crsp-controller", {"play", "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_NE(help.out.find("play -- -name"), std::string::npos) << help.out;
    EXPECT_NE(help.out.find("'#ID' of the list works in place of any name"), std::string::npos);
}

TEST(Programs, ARelayReportsOnDemand) {
    const TempDir dir;
    const auto stats = dir.Path("stats.json");
    Process relay("crsp-relay", {"--map", "127.0.0.1:0=127.0.0.1:1", "--map",
                                 "127.0.0.1:0=127.0.0.1:2", "--loss", "5%", "--stats", stats});
    ASSERT_NE(relay.WaitListening(2), "");
    relay.Signal(SIGTERM);
    EXPECT_EQ(relay.Wait(), 143);
    const auto json = nlohmann::json::parse(ReadFile(stats));
    EXPECT_EQ(json["schema"], "crsp.relay/1");
    EXPECT_EQ(json["links"].size(), 2u);
    EXPECT_DOUBLE_EQ(json["links"][1]["down"]["check"]["loss"]["configured"], 0.05);
}

}  // namespace
}  // namespace crsp
