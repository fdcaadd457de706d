// SPDX-License-Identifier: BSD-3-Clause
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

#include <array>

#include "apps/live/file-sink.h"
#include "apps/live/hash-sink.h"
#include "apps/live/safe-text.h"
#include "apps/live/stats-json.h"
#include "apps/live/stream-sink.h"
#include "tests/support/temp-dir.h"

namespace crsp {
namespace {

constexpr TimePoint kNow{};

std::string Safe(std::string_view text, std::size_t step = 1000) {
    SafeText filter;
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += step) {
        filter.Append(AsBytes(text.substr(i, step)), out);
    }
    filter.Finish(out);
    return out;
}

TEST(FileSink, ACompleteGenerationTakesTheFilesPlace) {
    const TempDir dir;
    const auto path = dir.Write("out", "old");
    FileSink sink(path);
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    EXPECT_EQ(sink.Render(kNow, 1, 0, AsBytes("new ")).value(), 4u);
    EXPECT_EQ(sink.Render(kNow, 1, 4, AsBytes("content")).value(), 7u);
    EXPECT_EQ(ReadFile(path), "old");
    EXPECT_TRUE(sink.End(kNow, 1, true));
    EXPECT_EQ(ReadFile(path), "new content");
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST(FileSink, AnIncompleteOneLeavesTheFileAlone) {
    const TempDir dir;
    const auto path = dir.Write("out", "old");
    FileSink sink(path);
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    ASSERT_TRUE(sink.Render(kNow, 1, 0, AsBytes("half")));
    EXPECT_TRUE(sink.End(kNow, 1, false));
    EXPECT_EQ(ReadFile(path), "old");
    EXPECT_EQ(ReadFile(path + ".part"), "half");
}

TEST(FileSink, ANewGenerationHoldsNothingOfTheOld) {
    const TempDir dir;
    const auto path = dir.Path("out");
    FileSink sink(path);
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    ASSERT_TRUE(sink.Render(kNow, 1, 0, AsBytes("a long first generation")));
    EXPECT_TRUE(sink.End(kNow, 1, false));
    ASSERT_TRUE(sink.Begin(kNow, 2, {}));
    ASSERT_TRUE(sink.Render(kNow, 2, 0, AsBytes("second")));
    EXPECT_TRUE(sink.End(kNow, 2, true));
    EXPECT_EQ(ReadFile(path), "second");
}

TEST(FileSink, AFileThatCannotBeMadeFailsWithASentence) {
    const TempDir dir;
    FileSink sink(dir.Path("no/such/folder/out"));
    EXPECT_EQ(sink.Begin(kNow, 1, {}).error(), MediaErrorCode::kSinkFailed);
    EXPECT_NE(sink.Failure().find("No such file"), std::string::npos);
}

/// A device, a pipe or a link in the way is somebody's, and renaming over it would destroy it.
TEST(FileSink, NothingButARegularFileIsEverReplaced) {
    const TempDir dir;
    const auto target = dir.Path("target");
    std::ofstream(target) << "precious";
    ASSERT_EQ(::mkfifo(dir.Path("fifo").c_str(), 0600), 0);
    std::filesystem::create_symlink(target, dir.Path("link"));
    std::filesystem::create_directory(dir.Path("folder"));
    for (const char* name : {"fifo", "link", "folder"}) {
        FileSink sink(dir.Path(name));
        EXPECT_FALSE(FileSink::CheckTarget(dir.Path(name))) << name;
        EXPECT_EQ(sink.Begin(kNow, 1, {}).error(), MediaErrorCode::kSinkFailed) << name;
        EXPECT_NE(sink.Failure().find("not a regular file"), std::string::npos) << name;
    }
    EXPECT_TRUE(std::filesystem::is_fifo(dir.Path("fifo")));
    EXPECT_TRUE(std::filesystem::is_symlink(dir.Path("link")));
    EXPECT_EQ(std::filesystem::file_size(target), 8u);
}

TEST(FileSink, AFullDiskFailsWithASentence) {
    const TempDir dir;
    const auto path = dir.Path("out");
    FileSink sink(path);
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto first = sink.Render(kNow, 1, 0, AsBytes("ab"));
    const auto second = sink.Render(kNow, 1, 1, AsBytes("b"));
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(first.value(), 1u);
    EXPECT_EQ(second.error(), MediaErrorCode::kSinkFailed);
    EXPECT_NE(sink.Failure().find("File too large"), std::string::npos);
    EXPECT_EQ(sink.End(kNow, 1, false).error(), MediaErrorCode::kSinkFailed);
    EXPECT_TRUE(std::filesystem::is_empty(dir.Path()));
}

ContentInfo OfSize(std::uint64_t size, std::uint64_t offset = 0) {
    ContentInfo info;
    info.size = size;
    info.offset = offset;
    return info;
}

TEST(FileSink, B19_AContentThatIsLongerThanAllowedIsRefusedByWhatIsAnnounced) {
    const TempDir dir;
    const auto path = dir.Write("out", "old");
    FileSink sink(path, 5);
    EXPECT_EQ(sink.Begin(kNow, 1, OfSize(6)).error(), MediaErrorCode::kSinkFailed);
    EXPECT_EQ(sink.Failure(),
              "the content has 6 bytes, and --max-bytes lets '" + path + "' have 5");
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
    EXPECT_EQ(ReadFile(path), "old");
    // What is written counts, and each generation has it anew.
    for (Generation generation = 2; generation < 4; ++generation) {
        ASSERT_TRUE(sink.Begin(kNow, generation, OfSize(10, 5))) << sink.Failure();
        EXPECT_EQ(sink.Render(kNow, generation, 5, AsBytes("56789")).value(), 5u);
        EXPECT_TRUE(sink.End(kNow, generation, true));
        EXPECT_EQ(ReadFile(path), "56789");
    }
}

TEST(FileSink, B19_WhatComesBeyondTheLimitIsRefusedWhateverWasAnnounced) {
    const TempDir dir;
    const auto path = dir.Write("out", "old");
    FileSink sink(path, 5);
    ASSERT_TRUE(sink.Begin(kNow, 1, OfSize(5)));
    EXPECT_EQ(sink.Render(kNow, 1, 0, AsBytes("0123")).value(), 4u);
    EXPECT_EQ(sink.Render(kNow, 1, 4, AsBytes("45")).error(), MediaErrorCode::kSinkFailed);
    EXPECT_NE(sink.Failure().find("the server sends more than it announced, and --max-bytes"),
              std::string::npos)
        << sink.Failure();
    EXPECT_EQ(sink.End(kNow, 1, false).error(), MediaErrorCode::kSinkFailed);
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
    EXPECT_EQ(ReadFile(path), "old");
}

TEST(TextFile, AFullDiskLeavesTheFileAsItWasAndNothingBeside) {
    const TempDir dir;
    const auto path = dir.Write("stats", "of before");
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, SIG_IGN);
    for (const rlim_t room : {0, 4}) {
        const rlimit small{room, before.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
        const auto written = WriteTextFile(path, "longer than 4");
        ::setrlimit(RLIMIT_FSIZE, &before);
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().code, ExitCode::kFailed);
        EXPECT_EQ(written.error().message, "cannot write '" + path + ".part': File too large");
        EXPECT_EQ(ReadFile(path), "of before");
        EXPECT_FALSE(std::filesystem::exists(path + ".part"));
    }
}

TEST(TextFile, ALinkBesideItIsNotFollowed) {
    const TempDir dir;
    const auto precious = dir.Write("precious", "content");
    std::filesystem::create_symlink(precious, dir.Path("stats.part"));
    const auto written = WriteTextFile(dir.Path("stats"), "text");
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find("stats.part': it is not a regular file"),
              std::string::npos)
        << written.error().message;
    EXPECT_EQ(ReadFile(precious), "content");
    EXPECT_TRUE(std::filesystem::is_symlink(dir.Path("stats.part"))) << "it is not ours";
    std::filesystem::remove(dir.Path("stats.part"));
    // What a process that was killed has left is no obstacle.
    dir.Write("stats.part", "longer than what comes");
    EXPECT_TRUE(WriteTextFile(dir.Path("stats"), "text"));
    EXPECT_EQ(ReadFile(dir.Path("stats")), "text");
    EXPECT_FALSE(std::filesystem::exists(dir.Path("stats.part")));
}

/// A rendering into `path` of which the last byte was taken and End is about to come.
class TakenFile {
  public:
    explicit TakenFile(const std::string& path) : m_sink(path) {
        EXPECT_TRUE(m_sink.Begin(kNow, 1, {}));
        EXPECT_TRUE(m_sink.Render(kNow, 1, 0, AsBytes("content")));
    }
    void ExpectEndSucceeds() { EXPECT_TRUE(m_sink.End(kNow, 1, true)) << m_sink.Failure(); }
    void ExpectEndFails(std::string_view phrase) {
        EXPECT_EQ(m_sink.End(kNow, 1, true).error(), MediaErrorCode::kSinkFailed);
        EXPECT_NE(m_sink.Failure().find(phrase), std::string::npos) << m_sink.Failure();
    }

  private:
    FileSink m_sink;
};

TEST(FileSink, AFolderThatHasVanishedFailsTheEnd) {
    const TempDir dir;
    std::filesystem::create_directory(dir.Path("folder"));
    TakenFile file(dir.Path("folder/out"));
    std::filesystem::remove_all(dir.Path("folder"));
    file.ExpectEndFails("cannot create '" + dir.Path("folder/out") + "': No such file");
    EXPECT_TRUE(std::filesystem::is_empty(dir.Path()));
}

TEST(FileSink, WhatCameInTheWaySinceIsNotReplacedEither) {
    const TempDir dir;
    TakenFile folder(dir.Path("folder"));
    TakenFile fifo(dir.Path("fifo"));
    std::filesystem::create_directory(dir.Path("folder"));
    ASSERT_EQ(::mkfifo(dir.Path("fifo").c_str(), 0600), 0);
    folder.ExpectEndFails("not a regular file");
    fifo.ExpectEndFails("not a regular file");
    EXPECT_TRUE(std::filesystem::is_directory(dir.Path("folder")));
    EXPECT_TRUE(std::filesystem::is_fifo(dir.Path("fifo")));
    EXPECT_FALSE(std::filesystem::exists(dir.Path("folder.part")));
    EXPECT_FALSE(std::filesystem::exists(dir.Path("fifo.part")));
}

TEST(FileSink, ARenameThatFailsFailsTheEnd) {
    const TempDir dir;
    TakenFile file(dir.Path("out"));
    std::filesystem::remove(dir.Path("out.part"));
    file.ExpectEndFails("cannot create '" + dir.Path("out") + "': No such file");
    EXPECT_TRUE(std::filesystem::is_empty(dir.Path()));
}

/// The descriptor with which this process holds `path` open; -1 if it does not.
int DescriptorOf(const std::string& path) {
    std::error_code ignored;
    for (const auto& item : std::filesystem::directory_iterator("/proc/self/fd")) {
        if (std::filesystem::read_symlink(item.path(), ignored) == path) {
            return std::stoi(item.path().filename());
        }
    }
    return -1;
}

/// A device that cannot be synchronized stands for a disk that reports its trouble only then.
TEST(FileSink, ADiskThatDoesNotTakeItForGoodFailsTheEnd) {
    const TempDir dir;
    const auto path = dir.Write("out", "old");
    TakenFile file(path);
    const int held = DescriptorOf(path + ".part");
    ASSERT_GE(held, 0);
    const FileDescriptor device(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(::dup2(device.Get(), held), held);
    file.ExpectEndFails("cannot write '" + path + ".part': Invalid argument");
    EXPECT_EQ(ReadFile(path), "old");
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST(FileSink, TwoThatRenderIntoOneFileDoNotMix) {
    const TempDir dir;
    const auto path = dir.Path("out");
    TakenFile first(path);
    EXPECT_FALSE(FileSink::CheckFree(path));
    FileSink second(path);
    EXPECT_EQ(second.Begin(kNow, 1, {}).error(), MediaErrorCode::kSinkFailed);
    EXPECT_NE(second.Failure().find("another renderer does"), std::string::npos)
        << second.Failure();
    EXPECT_TRUE(second.End(kNow, 1, false)) << "it has nothing to remove";
    first.ExpectEndSucceeds();
    EXPECT_EQ(ReadFile(path), "content");
    EXPECT_TRUE(FileSink::CheckFree(path));
    ASSERT_TRUE(second.Begin(kNow, 2, {}));
    ASSERT_TRUE(second.Render(kNow, 2, 0, AsBytes("later")));
    EXPECT_EQ(ReadFile(path), "content");
    EXPECT_TRUE(second.End(kNow, 2, true));
    EXPECT_EQ(ReadFile(path), "later");
}

TEST(FileSink, WhatAKilledProcessLeftIsBegunAnew) {
    const TempDir dir;
    const auto path = dir.Path("out");
    const pid_t child = ::fork();
    if (child == 0) {
        FileSink sink(path);
        const bool begun = sink.Begin(kNow, 1, {}) && sink.Render(kNow, 1, 0, AsBytes("a lot"));
        ::kill(::getpid(), begun ? SIGKILL : SIGTERM);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    ASSERT_EQ(ReadFile(path + ".part"), "a lot");
    EXPECT_TRUE(FileSink::CheckFree(path));
    TakenFile next(path);
    next.ExpectEndSucceeds();
    EXPECT_EQ(ReadFile(path), "content");
}

/// Whoever owns it can write into it whenever they like, also once it has become FILE.
TEST(FileSink, C2_APartOfAnotherUserIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    const TempDir dir;
    const auto path = dir.Write("out", "old");
    dir.Write("out.part", "theirs");
    ::chmod((path + ".part").c_str(), 0666);
    ASSERT_EQ(::chown((path + ".part").c_str(), 65534, 65534), 0);
    const auto sentence =
        "cannot write '" + path + ".part': it belongs to another user (uid 65534, this is 0)";
    EXPECT_EQ(FileSink::CheckFree(path).error(), sentence);
    FileSink sink(path);
    EXPECT_EQ(sink.Begin(kNow, 1, {}).error(), MediaErrorCode::kSinkFailed);
    EXPECT_EQ(sink.Failure(), sentence);
    EXPECT_TRUE(sink.End(kNow, 1, false)) << "it has nothing to remove";
    EXPECT_EQ(ReadFile(path), "old");
    EXPECT_EQ(ReadFile(path + ".part"), "theirs");
    std::filesystem::remove(path + ".part");
    TakenFile next(path);
    next.ExpectEndSucceeds();
}

/// Somebody has cleared up, and another renderer has begun: its bytes are not ours to complete.
TEST(FileSink, APartOfAnotherIsNeitherTakenNorRemoved) {
    const TempDir dir;
    const auto path = dir.Path("out");
    TakenFile first(path);
    std::filesystem::remove(path + ".part");
    FileSink second(path);
    ASSERT_TRUE(second.Begin(kNow, 1, {}));
    ASSERT_TRUE(second.Render(kNow, 1, 0, AsBytes("half")));
    first.ExpectEndFails("cannot create");
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_EQ(ReadFile(path + ".part"), "half");
}

TEST(HashSink, ASinkThatFailsAtTheEndIsNotComplete) {
    const TempDir dir;
    FileSink file(dir.Path("out"));
    std::vector<Rendering> reports;
    HashSink sink(file, [&](const Rendering& r) { reports.push_back(r); });
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    std::filesystem::create_directory(dir.Path("out"));
    EXPECT_EQ(sink.End(kNow, 1, true).error(), MediaErrorCode::kSinkFailed);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_FALSE(reports[0].complete);
}

TEST(HashSink, ReportsTheHashOfWhatWasTaken) {
    NullSink null;
    std::vector<Rendering> reports;
    HashSink sink(null, [&](const Rendering& r) { reports.push_back(r); });
    ASSERT_TRUE(sink.Begin(kNow, 3, {}));
    ASSERT_TRUE(sink.Render(kNow, 3, 0, AsBytes("a")));
    ASSERT_TRUE(sink.Render(kNow, 3, 1, AsBytes("bc")));
    EXPECT_TRUE(sink.End(kNow, 3, true));
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].bytes, 3u);
    EXPECT_TRUE(reports[0].complete);
    // FIPS 180-2, appendix B.1.
    EXPECT_EQ(reports[0].sha256,
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(SafeText, PrintableTextPassesUnchanged) {
    const std::string text = "Grüße, 世界 \U0001f600\n\ttab\n";
    EXPECT_EQ(Safe(text), text);
    EXPECT_EQ(Safe(text, 1), text);
}

TEST(SafeText, ControlsBecomeEscapes) {
    EXPECT_EQ(Safe("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
    EXPECT_EQ(Safe("a\rb\x7f"), "a\\x0db\\x7f");
    EXPECT_EQ(Safe("\xc2\x9b"
                   "2J"),
              "\\xc2\\x9b2J");
    EXPECT_EQ(Safe("\xe2\x80\xae"), "\\xe2\\x80\\xae");
    EXPECT_EQ(Safe(std::string_view("\0", 1)), "\\x00");
}

TEST(SafeText, WhatShowsNothingBecomesEscapes) {
    EXPECT_EQ(Safe("\u3164"), "\\xe3\\x85\\xa4");
    EXPECT_EQ(Safe("\u2800"), "\\xe2\\xa0\\x80");
    EXPECT_EQ(Safe("a\u00a0b\u2801"), "a\u00a0b\u2801") << "blanks and dots are seen";
}

TEST(SafeLine, IsOneLineWhateverItIsMadeOf) {
    EXPECT_EQ(SafeLine("a\nb\tc\x1b[2J\\x0a"), "a\\x0ab\\x09c\\x1b[2J\\x0a");
    EXPECT_EQ(SafeLine("cut\xe4\xb8"), "cut\\xe4\\xb8");
}

TEST(SafeText, WhatIsNoUtf8BecomesEscapes) {
    EXPECT_EQ(Safe("\x9b"), "\\x9b");
    EXPECT_EQ(Safe("\xc0\x9b"), "\\xc0\\x9b");
    EXPECT_EQ(Safe("\xe0\x82\x9b"), "\\xe0\\x82\\x9b");
    EXPECT_EQ(Safe("\xed\xa0\x80"), "\\xed\\xa0\\x80");
    EXPECT_EQ(Safe("\xe4\xb8x"), "\\xe4\\xb8x");
    EXPECT_EQ(Safe("end\xe4\xb8"), "end\\xe4\\xb8");
}

TEST(SafeText, NoBytesWhateverLetAControlThrough) {
    const auto noise = PatternText(200'000);
    for (const std::size_t step : {1u, 3u, 4096u}) {
        for (const char c : Safe(noise, step)) {
            const auto byte = static_cast<unsigned char>(c);
            ASSERT_TRUE(byte >= 0x20 || byte == '\n' || byte == '\t');
            ASSERT_NE(byte, 0x7f);
        }
    }
    EXPECT_EQ(Safe(noise, 1), Safe(noise, 4096));
}

class StreamSinkTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe(ends.data()), 0);
        m_read = FileDescriptor(ends[0]);
        m_write = FileDescriptor(ends[1]);
        ::signal(SIGPIPE, SIG_IGN);
    }
    std::string ReadSome() {
        std::array<char, 200'000> buffer;
        const auto size = ::read(m_read.Get(), buffer.data(), buffer.size());
        return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }

    FileDescriptor m_read;
    FileDescriptor m_write;
};

TEST_F(StreamSinkTest, AFullPipeIsBackPressureNotAWait) {
    StreamSink sink(m_write.Get(), StreamSink::Mode::kRaw);
    const auto content = PatternText(1'000'000);
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    const auto taken = sink.Render(kNow, 1, 0, AsBytes(content));
    ASSERT_TRUE(taken);
    EXPECT_GT(*taken, 0u);
    EXPECT_LT(*taken, content.size());
    EXPECT_EQ(sink.Render(kNow, 1, *taken, AsBytes(content)).value(), 0u);
    EXPECT_EQ(ReadSome(), content.substr(0, *taken));
}

TEST_F(StreamSinkTest, AReaderThatHasGoneFailsTheSink) {
    StreamSink sink(m_write.Get(), StreamSink::Mode::kRaw);
    m_read.Reset();
    EXPECT_EQ(sink.Render(kNow, 1, 0, AsBytes("x")).error(), MediaErrorCode::kSinkFailed);
}

TEST_F(StreamSinkTest, AFullDiskFailsTheSinkWithASentence) {
    const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    StreamSink sink(full.Get(), StreamSink::Mode::kRaw);
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    EXPECT_EQ(sink.Render(kNow, 1, 0, AsBytes("x")).error(), MediaErrorCode::kSinkFailed);
    EXPECT_EQ(sink.Failure(), "cannot write to standard output: No space left on device");
    ASSERT_TRUE(sink.Begin(kNow, 2, {}));
    EXPECT_EQ(sink.Failure(), "");
}

TEST_F(StreamSinkTest, TextThatDoesNotGoOutAtTheEndFailsIt) {
    const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    StreamSink sink(full.Get(), StreamSink::Mode::kSafeText);
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    ASSERT_EQ(sink.Render(kNow, 1, 0, AsBytes("\xe4")).value(), 1u);  // may begin a character
    EXPECT_EQ(sink.End(kNow, 1, true).error(), MediaErrorCode::kSinkFailed);
    EXPECT_EQ(sink.Failure(), "cannot write to standard output: No space left on device");
    ASSERT_TRUE(sink.Begin(kNow, 2, {}));
    ASSERT_EQ(sink.Render(kNow, 2, 0, AsBytes("\xe4")).value(), 1u);
    EXPECT_TRUE(sink.End(kNow, 2, false)) << "what was stopped need not go out";
}

TEST_F(StreamSinkTest, AReaderThatTakesNothingAtTheEndFailsIt) {
    StreamSink sink(m_write.Get(), StreamSink::Mode::kSafeText);
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    const std::string controls(1'000'000, '\x01');
    ASSERT_TRUE(sink.Render(kNow, 1, 0, AsBytes(controls)));
    while (sink.Render(kNow, 1, 0, AsBytes(controls)).value() > 0) continue;
    EXPECT_EQ(sink.End(kNow, 1, true).error(), MediaErrorCode::kSinkFailed);
    EXPECT_NE(sink.Failure().find("timed out"), std::string::npos) << sink.Failure();
}

TEST_F(StreamSinkTest, AnOutputThatCannotBeSynchronizedFailsTheEnd) {
    StreamSink sink(m_write.Get(), StreamSink::Mode::kRaw);
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    ASSERT_TRUE(sink.Render(kNow, 1, 0, AsBytes("x")));
    m_write.Reset();
    EXPECT_EQ(sink.End(kNow, 1, true).error(), MediaErrorCode::kSinkFailed);
    EXPECT_NE(sink.Failure().find("Bad file descriptor"), std::string::npos) << sink.Failure();
}

TEST_F(StreamSinkTest, FilesPipesAndDevicesEndWell) {
    const TempDir dir;
    const FileDescriptor file(::open(dir.Write("out", "").c_str(), O_WRONLY | O_CLOEXEC));
    const FileDescriptor null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    for (const int fd : {file.Get(), null.Get(), m_write.Get()}) {
        StreamSink sink(fd, StreamSink::Mode::kRaw);
        ASSERT_TRUE(sink.Begin(kNow, 1, {}));
        ASSERT_TRUE(sink.Render(kNow, 1, 0, AsBytes("x")));
        EXPECT_TRUE(sink.End(kNow, 1, true)) << sink.Failure();
    }
    EXPECT_EQ(ReadFile(dir.Path("out")), "x");
}

TEST_F(StreamSinkTest, TextIsMadeSafe) {
    StreamSink sink(m_write.Get(), StreamSink::Mode::kSafeText);
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    EXPECT_EQ(sink.Render(kNow, 1, 0, AsBytes("a\x1b[2Jb\n")).value(), 7u);
    EXPECT_TRUE(sink.End(kNow, 1, true));
    EXPECT_EQ(ReadSome(), "a\\x1b[2Jb\n");
}

TEST_F(StreamSinkTest, NothingOfAnOldGenerationFollowsTheNew) {
    StreamSink sink(m_write.Get(), StreamSink::Mode::kSafeText);
    ASSERT_TRUE(sink.Begin(kNow, 1, {}));
    const std::string controls(1'000'000, '\x01');
    std::size_t offset = 0;
    while (const auto taken =
               sink.Render(kNow, 1, offset, AsBytes(controls).subspan(offset)).value()) {
        offset += taken;
    }
    EXPECT_TRUE(sink.End(kNow, 1, false));
    ASSERT_TRUE(sink.Begin(kNow, 2, {}));
    ReadSome();
    ASSERT_EQ(sink.Render(kNow, 2, 0, AsBytes("new")).value(), 3u);
    EXPECT_EQ(ReadSome(), "new");
}

}  // namespace
}  // namespace crsp
