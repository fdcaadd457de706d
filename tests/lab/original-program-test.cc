// SPDX-License-Identifier: GPL-2.0-only
//
// crsp-original and crsp-lab original as their users meet them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/temp-dir.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;

class OriginalProgram : public testing::Test {
  protected:
    std::string Read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(m_folder + "/" + name).rdbuf();
        return text.str();
    }
    void Write(const std::string& name, const std::string& text) const {
        std::ofstream(m_folder + "/" + name) << text;
    }
    int Shell(const std::string& script) const {
        Write("script.sh", "cd " + m_folder + "\nPATH=" CRSP_BIN_DIR ":$PATH\n" + script);
        return WEXITSTATUS(std::system(
            ("sh " + m_folder + "/script.sh >" + m_folder + "/out 2>" + m_folder + "/err")
                .c_str()));
    }

    const TempDir m_temporary;
    const std::string m_folder = m_temporary.Path();
};

/// Waits for line N of a program's "listening on" and prints the port.
constexpr const char* kPortFunction = R"(
port() {
    for try in 1 2 3 4 5 6 7 8 9 10; do
        found=$(sed -n "$2s/listening on 127.0.0.1://p" "$1")
        [ -n "$found" ] && break
        sleep 0.2
    done
    echo "$found"
}
)";

TEST_F(OriginalProgram, ThreeOfThemPlayOverLoopback) {
    std::filesystem::create_directory(m_folder + "/media");
    const std::string song(1100, 's');
    Write("media/song", song);
    Write("commands", "0 list\n0.1 play song\n");
    const int code = Shell(std::string(kPortFunction) + R"(
crsp-original server --folder media --server-port 0 --limit 20 2>server &
crsp-original renderer --output copy --server-port $(port server 1) --renderer-port 0 \
    --contents-port 0 --limit 20 2>renderer &
crsp-original controller --script commands --server-port $(port server 1) \
    --renderer-port $(port renderer 1) --limit 20 || exit
# EXIT has ended the others.
wait
)");
    EXPECT_EQ(code, 0) << Read("err");
    EXPECT_THAT(Read("out"), testing::MatchesRegex("list answered after [0-9.]+ ms\n"
                                                   "play answered after [0-9.]+ ms\n"));
    EXPECT_EQ(Read("copy"), song);
    EXPECT_THAT(Read("server"), testing::Not(HasSubstr("refused")));
}

TEST_F(OriginalProgram, SaysWhatItCannotDo) {
    Write("commands", "0 status\n");
    EXPECT_EQ(Shell("crsp-original controller --script commands"), 1);
    EXPECT_EQ(Read("err"), "crsp-original: commands: the original has no 'status'\n");
    EXPECT_EQ(Shell("crsp-original server --folder nowhere"), 1);
    EXPECT_EQ(Read("err"), "crsp-original: nowhere: No such file or directory\n");
    EXPECT_EQ(Shell("crsp-original server"), 64);
    EXPECT_EQ(Shell("crsp-original renderer --output x --server-port 65536"), 64);
}

TEST_F(OriginalProgram, UnansweredIsATimeout) {
    Write("commands", "0 list\n");
    // A port of this machine where nobody listens.
    EXPECT_EQ(Shell("crsp-original controller --script commands --limit 1 --server-port 9"), 75);
    EXPECT_EQ(Read("out"), "list not answered\n");
}

TEST_F(OriginalProgram, LabSetsItBesideOurs) {
    const int code = Shell("crsp-lab original --loss '0 %,5 %' --seeds 2");
    ASSERT_EQ(code, 0) << Read("err");
    EXPECT_THAT(Read("out"), HasSubstr("| 0 % | original | 2 of 2 | 315.1 | 100 | 2 of 2 |"));
    EXPECT_THAT(Read("out"), HasSubstr("| 5 % | this one | 2 of 2 |"));
    EXPECT_THAT(Read("out"), HasSubstr("crsp-lab original --loss '0 %,5 %' --seed 1 --seeds 2`"));
    EXPECT_EQ(Shell("crsp-lab original nowhere.toml"), 66);
    EXPECT_EQ(Shell("crsp-lab original " CRSP_SOURCE_DIR "/scenarios/first-light.toml"), 65);
    EXPECT_THAT(Read("err"), HasSubstr("the original has no 'status'"));
}

}  // namespace
}  // namespace crsp::lab
