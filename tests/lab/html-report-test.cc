// SPDX-License-Identifier: GPL-2.0-only
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <regex>

#include "scenarios/lab/html-asked.h"
#include "scenarios/lab/html-assets.h"
#include "scenarios/lab/html-page.h"
#include "scenarios/lab/html-plot.h"
#include "scenarios/lab/html-text.h"
#include "scenarios/lab/results-store.h"
#include "tests/lab/lab-program.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kHostile = "<script>alert('\"&x')</script>";

TEST(HtmlText, EscapesWhatWouldEndATextOrAnAttribute) {
    EXPECT_EQ(Escaped("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
    EXPECT_EQ(Escaped(std::string_view("a\0b\x1b", 4)),
              "a\xEF\xBF\xBD"
              "b\xEF\xBF\xBD");
    EXPECT_EQ(HrefOf("javascript:alert(1)"), "./javascript%3Aalert%281%29");
    EXPECT_EQ(HrefOf("//host/a b=c"), ".///host/a%20b%3Dc");
}

TEST(HtmlText, NamesAStyleAsAPolicyDoes) {
    // printf '' | openssl sha256 -binary | base64
    EXPECT_EQ(CspHash(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
}

TEST(HtmlPlot, EscapesNamesAndLeavesGapsOpen) {
    Plot plot{"p",
              kHostile,
              "s",
              "ms",
              {{kHostile, {{0, 1}, {1, std::nan("")}, {2, 3}}, 0}},
              {{1, 0, kHostile}}};
    for (const SvgUse use : {SvgUse::kPage, SvgUse::kFile}) {
        const std::string svg = SvgOf(plot, use);
        EXPECT_THAT(svg, Not(HasSubstr("<script")));
        const std::regex broken("d=\"M[^\"L]*M[^\"L]*\"");
        EXPECT_TRUE(std::regex_search(svg, broken));
    }
}

TEST(HtmlAsked, MarkersAreWhatTheScenarioDoes) {
    const auto asked = nlohmann::json::parse(R"({"script":[{"at":"1 s","do":"play"},
        {"after-end":"1 s","do":"stop"}],
        "link":{"blackout":[{"at":"2 s","for":"500 ms","every":"4 s"}],
                "down":{"steps":[{"at":"1 s","rate":"2 Mbit/s"}]}}})");
    const auto markers = MarkersOf(asked, 7);
    ASSERT_EQ(markers.size(), 3u);
    EXPECT_EQ(markers[0].text, "play, 2 Mbit/s");
    EXPECT_EQ(markers[2].at, 6);
    EXPECT_EQ(markers[2].to, 6.5);
    const auto second = MarkersOf(nlohmann::json::parse(R"({"controller":[{"start":"4 s",
        "script":[{"at":"1 s","do":"take-over"}]}]})"),
                                  7);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second[0].at, 5);
    EXPECT_TRUE(MarkersOf(nlohmann::json::parse(R"({"script":7,"link":[1]})"), 9).empty());
}

class HtmlReport : public LabProgram {
  protected:
    void SetUp() override {
        ResultsStore store(m_results);
        for (const char* variant : {"cubic", "bbr"}) {
            for (std::uint64_t seed = 1; seed <= 3; ++seed) store.Add(RunOf(variant, seed));
        }
        StoredRun hostile = RunOf(kHostile, 9);
        hostile.ok = false;
        hostile.problem = kHostile;
        hostile.command = kHostile;
        hostile.file.invalid = kHostile;
        store.Add(hostile);
    }

    StoredRun RunOf(const std::string& variant, std::uint64_t seed) const {
        StoredRun run;
        run.scenario = "one";
        run.scenarioHash = "hash-" + variant;
        run.scenarioText = R"({"link":{"rate":"1 Mbit/s"},"script":[{"at":"0 s","do":"play"}],
            "scenario":{"description":"</p><script>x</script>"}})";
        run.parameters = {{"transport.congestion", variant}};
        run.world = "ns3";
        run.seed = seed;
        run.ok = true;
        run.command = "./run scenario one";
        run.folder = m_folder + "/out/" + variant.substr(1) + "/" + std::to_string(seed);
        std::filesystem::create_directories(run.folder);
        std::ofstream(run.folder + "/server.sqlog") << "x";
        run.file.metrics = {{"goodput", static_cast<double>(seed)}};
        run.file.latencies = {1, 2, 3};
        run.file.series = {{"rate", "Mbit/s", milliseconds(10), {1, std::nan(""), 3}}};
        return run;
    }

    std::string Page(const std::string& arguments = "") const {
        const Ended made = Lab("report " + m_results + " --out " + m_page + " " + arguments);
        EXPECT_EQ(made.code, 0) << made.errors;
        return Read(m_page);
    }

    /// The same without a process.
    std::string HtmlOf(const std::string& where = "") const {
        ReportOptions options;
        options.results = m_results;
        options.out = m_page;
        options.where = *Selector::Parse(where);
        EXPECT_TRUE(WriteReport(options));
        return Read(m_page);
    }

    /// Of one run in ns-3, with its qlogs.
    std::string PageOfARun() const {
        const Ended ran = Lab("scenario " CRSP_SOURCE_DIR
                              "/scenarios/ge-2pct-b3.toml --seed 3 --no-pcap "
                              "--set content.0.size=300kB --out " +
                              m_folder + "/real");
        EXPECT_EQ(ran.code, 0) << ran.errors;
        const Ended made = Lab("report " + m_folder + "/real/results.sqlite --out " + m_page +
                               " --svg " + m_folder + "/svg");
        EXPECT_EQ(made.code, 0) << made.errors;
        return Read(m_page);
    }

    const std::string m_results = m_folder + "/results.sqlite";
    const std::string m_page = m_folder + "/page/report.html";
};

TEST_F(HtmlReport, HasEveryRunAndItsFilesInTheMatrix) {
    const std::string page = Page();
    for (int id = 1; id <= 7; ++id) {
        EXPECT_THAT(page, HasSubstr("<li id=\"run-" + std::to_string(id) + "\">"));
    }
    EXPECT_THAT(page, HasSubstr("href=\"./../out/ubic/1/server.sqlog\""));
    EXPECT_THAT(page, HasSubstr("1 of 7 runs did not get what was configured"));
    EXPECT_THAT(page, HasSubstr("3 of 3 ok"));
}

TEST_F(HtmlReport, EscapesAllThatComesFromTheDatabase) {
    const std::string page = Page();
    const std::string script = "<script>" + std::string(PageScript());
    const auto own = page.find(script);
    ASSERT_NE(own, std::string::npos);
    EXPECT_EQ(page.find("<script"), own);
    EXPECT_EQ(page.find("<script", own + 1), std::string::npos);
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;&quot;&amp;x&#39;)"));
}

TEST_F(HtmlReport, RunsThatAreNotValidAreNamedSoAndInNoMean) {
    StoredRun invalid = RunOf("bbr", 4);
    invalid.ok = false;
    invalid.file.invalid = "loss is 3 %, configured 1 %";
    invalid.problem = "invalid: " + invalid.file.invalid;
    invalid.file.metrics = {{"goodput", 1000}};
    ResultsStore(m_results).Add(invalid);
    const std::string page = HtmlOf();
    EXPECT_THAT(page, HasSubstr("2 of 8 runs did not get what was configured"));
    EXPECT_THAT(page, HasSubstr("2 are not valid"));
    EXPECT_THAT(page, HasSubstr("seed 4 not valid"));
    EXPECT_THAT(page, Not(HasSubstr("In every run the path was")));
    EXPECT_THAT(page, Not(HasSubstr(">1000<")));
}

TEST_F(HtmlReport, ShowsARunThatIsValidWhereOneStandsForAll) {
    for (const std::uint64_t seed : {1, 2}) {
        StoredRun invalid = RunOf("bbr", seed);
        invalid.file.invalid = "not as configured";
        ResultsStore(m_results).Add(invalid);
    }
    EXPECT_THAT(HtmlOf(), HasSubstr("No sequence view of congestion=bbr, ns-3, seed 3:"));
}

TEST_F(HtmlReport, DoesNotVouchForThePathOfRunsThatDidNotLook) {
    const std::string all = "In every run the path was as configured.";
    EXPECT_THAT(HtmlOf("seed:1"), HasSubstr(all));
    StoredRun live = RunOf("bbr", 1);
    live.world = "live";
    ResultsStore(m_results).Add(live);
    EXPECT_THAT(HtmlOf("seed:1"),
                HasSubstr("In 2 runs the path was as configured; of the others it is not known."));
    EXPECT_THAT(HtmlOf("world:live"), HasSubstr("Whether the path was as configured is not known"));
}

TEST_F(HtmlReport, MixesNeitherScenarioFilesNorEngines) {
    ResultsStore store(m_results);
    StoredRun edited = RunOf("cubic", 1);
    edited.scenarioHash = "edited";
    edited.started = "2026-02-01T00:00:00Z";
    edited.file.metrics = {{"goodput", 77}};
    store.Add(edited);
    std::string page = HtmlOf("congestion=cubic");
    EXPECT_THAT(page, HasSubstr("3 runs of another version of its scenario than the latest"));
    EXPECT_THAT(page, HasSubstr("1 of 1 ok"));
    SQLite::Database(m_results, SQLite::OPEN_READWRITE)
        .exec(
            "UPDATE runs SET engine_hash = 'new', started = '2026-03-01T00:00:00Z' "
            "WHERE seed = 2");
    page = HtmlOf("congestion=bbr");
    EXPECT_THAT(page, HasSubstr("2 runs of another engine or laboratory than the latest"));
    EXPECT_THAT(page, HasSubstr("seed 2 ok"));
}

TEST_F(HtmlReport, KeysOfOneLastPartAreNamedInFull) {
    ResultsStore store(m_results);
    for (const char* key : {"link.delay", "access.delay"}) {
        StoredRun run = RunOf("reno", 1);
        run.parameters[key] = "1 ms";
        run.scenarioHash += key;
        store.Add(run);
    }
    const std::string page = HtmlOf("congestion=reno");
    EXPECT_THAT(page, HasSubstr("link.delay=1 ms, ns-3"));
    EXPECT_THAT(page, HasSubstr("access.delay=1 ms, ns-3"));
}

TEST_F(HtmlReport, FindsFoldersBesideTheDatabaseAndSaysIfTheyAreGone) {
    ResultsStore store(m_results);
    StoredRun moved = RunOf("reno", 1);
    moved.folder = "out/eno/1";
    store.Add(moved);
    StoredRun gone = RunOf("reno", 2);
    gone.folder = "elsewhere/2";
    store.Add(gone);
    const std::string page = HtmlOf("congestion=reno");
    EXPECT_THAT(page, HasSubstr("href=\"./../out/eno/1/server.sqlog\""));
    EXPECT_THAT(page, HasSubstr("its folder elsewhere/2 is not there"));
}

TEST_F(HtmlReport, MayLoadNothing) {
    const std::string page = Page("--compare congestion=cubic congestion=bbr");
    EXPECT_THAT(page, HasSubstr("default-src 'none'; style-src " + CspHash(PageStyle()) +
                                "; script-src " + CspHash(PageScript())));
    EXPECT_THAT(page, HasSubstr("<style>" + PageStyle() + "</style>"));
    const std::regex outside("(src|href)=\"(?!\\./|#)|url\\(|@import| style=\"| on[a-z]+=\"");
    EXPECT_FALSE(std::regex_search(page, outside));
    // The one address is that of the SVG namespace, which the script has to name.
    EXPECT_EQ(page.find("://"), page.find("://www.w3.org/2000/svg'"));
    EXPECT_EQ(page.find("://", page.find("://") + 1), std::string::npos);
}

TEST_F(HtmlReport, SaysWhatTheComparisonSays) {
    const std::string page = Page("--compare congestion=cubic congestion=bbr");
    EXPECT_THAT(page, HasSubstr("B (congestion=bbr) against A (congestion=cubic), 3 pairs"));
    EXPECT_EQ(Lab("report " + m_results + " --out " + m_page + " --compare seed:1 seed:2").code,
              64);
}

TEST_F(HtmlReport, ARunWithoutAQlogSaysSo) {
    const std::string page = Page();
    EXPECT_THAT(page, HasSubstr("No sequence view of congestion=cubic, ns-3, seed 1: It kept no "
                                "qlog of a renderer."));
    EXPECT_THAT(page, Not(HasSubstr("<h3>Sequence</h3>")));
}

TEST_F(HtmlReport, DrawsTheSequenceOfARunFromItsQlog) {
    const std::string page = PageOfARun();
    const std::string picture = Read(m_folder + "/svg/ge-2pct-b3-sequence-ns-3.svg");
    EXPECT_THAT(page, HasSubstr("<h3>Sequence</h3>"));
    for (const char* line :
         {"sent", "acknowledged", "delivered in order", "sent again", "taken for lost"}) {
        EXPECT_THAT(page, HasSubstr(std::string("data-name=\"") + line + "\" d=\"M")) << line;
        EXPECT_THAT(page, HasSubstr(std::string("</svg>") + line + "</li>")) << line;
        EXPECT_THAT(picture, HasSubstr(std::string(">") + line + "</text>")) << line;
    }
}

/// Goes a third of the way through the last plot by keys, and shows what the page then says.
constexpr const char* kKeys = R"(<script>
const plot = [...document.querySelectorAll('svg.plot')].pop();
const press = (key) => plot.dispatchEvent(new KeyboardEvent('keydown', {key, shiftKey: true}));
press('Home');
for (let i = 0; i < 5; ++i) press('ArrowRight');
document.title = document.querySelector('.tip').textContent.replaceAll('\n', '; ');
</script></body>)";

TEST_F(HtmlReport, KeysTellWhatASequenceShows) {
    if (std::system("command -v chromium >/dev/null") != 0) GTEST_SKIP() << "no chromium";
    std::string page = PageOfARun();
    // The policy would not let in what presses the keys.
    const auto policy = page.find("<meta http-equiv");
    page.erase(policy, page.find('>', policy) + 1 - policy);
    page.replace(page.rfind("</body>"), std::string_view("</body>").size(), kKeys);
    std::ofstream(m_page) << page;
    const Ended dom = Shell(
        "timeout 100 chromium --headless --no-sandbox --disable-gpu --user-data-dir=" + m_folder +
        "/profile --dump-dom file://" + m_page);
    EXPECT_THAT(dom.output, testing::ContainsRegex("<title>at 0[.0-9]*; sent: 0[.0-9]*; "
                                                   "acknowledged: 0[.0-9]*; delivered in order: "));
}

TEST_F(HtmlReport, WritesPlotsAsFiles) {
    Page("--svg " + m_folder + "/svg");
    EXPECT_THAT(Read(m_folder + "/svg/one-rate.svg"), HasSubstr("<svg xmlns="));
    EXPECT_THAT(Read(m_folder + "/svg/one-nodes.svg"), HasSubstr("1 Mbit/s"));
}

TEST_F(HtmlReport, RefusesWhereThereIsNothing) {
    EXPECT_EQ(Lab("report " + m_results + " --where seed:77 --out " + m_page).code, 66);
    EXPECT_FALSE(std::filesystem::exists(m_page));
    EXPECT_EQ(Lab("report " + m_results).code, 64);
}

TEST_F(HtmlReport, OpensInABrowser) {
    if (std::system("command -v chromium >/dev/null") != 0) GTEST_SKIP() << "no chromium";
    Page();
    const std::string picture = m_folder + "/report.png";
    const Ended dom = Shell(
        "timeout 100 chromium --headless --no-sandbox --disable-gpu --user-data-dir=" + m_folder +
        "/profile --enable-logging=stderr --screenshot=" + picture + " file://" + m_page);
    EXPECT_EQ(dom.code, 0);
    EXPECT_THAT(dom.errors, Not(HasSubstr("Content Security Policy")));
    EXPECT_THAT(dom.errors, Not(HasSubstr("Uncaught")));
    EXPECT_GT(std::filesystem::file_size(picture), 10'000u);
}

}  // namespace
}  // namespace crsp::lab
