#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each rule on a tree that keeps it and on trees that break it: a rule that cannot fail is none."""

import unittest

import cpp
import rules

BSD = '// SPDX-License-Identifier: BSD-3-Clause\n'


def names_and_lengths(text):
    return [(function.name, function.length) for function in cpp.functions(text)]


class ReaderTest(unittest.TestCase):
    def test_comments_and_literals_are_no_code(self):
        code = cpp.code_of('a("}", \'{\'); // rand()\n/* sleep(\n) */ b(R"x(")x"); 1\'000\'000 {')
        self.assertEqual(code, 'a("", \'\');  \n \n b(""); 1\'000\'000 {')

    def test_includes(self):
        text = '#include <vector>\n//#include "x.h"\n  # include "a/b.h"\n'
        self.assertEqual(cpp.includes(text), [(1, '<', 'vector'), (3, '"', 'a/b.h')])

    def test_functions_in_scopes(self):
        text = '''namespace a {
namespace {
class B final : public C<decltype(D())> {
  public:
    B() : m_a{1}, m_b(2), m_c<int>{3} {
        m_a = 2;
    }
    int Get() const noexcept override { return m_a; }
    bool operator==(const B& other) const = default;
  private:
    int m_a{0};
};
template <class T, int N = 3>
auto F(T t, Config config = {}) -> std::vector<int> {
    if (t) {
        return {};
    }
    auto lambda = [&](int x) {
        return x;
    };
}
}
constexpr std::array<int, Size()> kTable{1, 2};
const std::map<int, int> kMap = {{1, 2}, {3, 4}};
enum class E { kA };
extern "C" {
int G(int a,
      int b) {
}
}
TEST(Suite, Case) {
}
}
'''
        self.assertEqual(names_and_lengths(text), [
            ('B', 3), ('Get', 1), ('F', 9), ('G', 3), ('TEST', 2)])

    def test_operators(self):
        text = ('bool operator<(A a, A b) { return 1; }\n'
                'int X::operator()(int a) noexcept(true) {\n}\n'
                'X::operator bool() const {\n}\n')
        self.assertEqual(names_and_lengths(text), [
            ('operator<', 1), ('X::operator', 2), ('bool', 2)])

    def test_preprocessor_is_skipped(self):
        text = '#define M(x) \\\n    do { x; \\\n    } while (0)\nvoid F() {\n}\n'
        self.assertEqual(cpp.functions(text), [cpp.Function('F', 4, 2)])


class RulesTest(unittest.TestCase):
    seen_broken = set()

    @classmethod
    def tearDownClass(cls):
        untested = rules.RULES.keys() - cls.seen_broken
        assert not untested, f'no tree here breaks {untested}'

    def assert_kept(self, name, tree):
        self.assertEqual(list(rules.RULES[name](tree)), [])

    def assert_broken(self, name, tree, *fragments):
        self.seen_broken.add(name)
        offences = list(rules.RULES[name](tree))
        self.assertEqual(len(offences), len(fragments), offences)
        for offence, fragment in zip(offences, fragments):
            self.assertRegex(offence, r'^[\w./-]+:\d+: ')
            self.assertIn(fragment, offence)

    def include(self, path, *targets):
        tree = {target: '' for target in targets if not target.startswith(('<', 'ns3/'))}
        tree[path] = ''.join('#include {}\n'.format(target if target[0] == '<' else f'"{target}"')
                             for target in targets)
        return tree

    def test_dependencies(self):
        rule = 'Dependencies'
        self.assert_kept(rule, self.include('model/wire/a.cc', 'model/wire/a.h', 'model/base/b.h'))
        self.assert_kept(rule, self.include('model/media/a.cc', 'model/connection/endpoint.h'))
        self.assert_kept(rule, self.include('apps/ns3/a.cc', 'ns3/node.h'))
        for path, target in (('model/base/a.cc', 'model/wire/b.h'),
                             ('model/wire/a.cc', 'model/crypto/b.h'),
                             ('model/media/a.cc', 'model/connection/connection.h'),
                             ('model/media/a.cc', 'model/crypto/aead.h'),
                             ('model/host/a.cc', 'model/media/b.h'),
                             ('model/connection/a.cc', 'model/media/b.h'),
                             ('model/impair/a.cc', 'model/wire/b.h'),
                             ('apps/ns3/a.cc', 'apps/live/b.h'),
                             ('apps/live/a.cc', 'apps/ns3/b.h'),
                             ('apps/live/a.cc', 'scenarios/lab/b.h'),
                             ('tests/unit/base/a.cc', 'apps/live/b.h')):
            self.assert_broken(rule, self.include(path, target), f'must not include {target}')
        self.assert_broken(rule, {'model/base/a.cc': '#include "bytes.h"\n'}, 'is no file')
        self.assert_broken(rule, {'model/new/a.cc': ''}, 'no entry')

    def test_outside_headers(self):
        rule = 'OutsideHeaders'
        self.assert_kept(rule, self.include('model/base/a.cc', '<vector>', '<fmt/format.h>',
                                            '<sodium.h>', '<tl/expected.hpp>'))
        self.assert_kept(rule, self.include('apps/live/a.cc', '<boost/asio.hpp>', '<sys/socket.h>'))
        for header in ('<boost/asio.hpp>', '<sys/socket.h>', '<unistd.h>', 'ns3/node.h',
                       '<ns3/node.h>', '<spdlog/spdlog.h>', '<iostream>', '<random>', '<thread>'):
            self.assert_broken(rule, self.include('model/base/a.cc', header), 'model/')
        self.assert_broken(rule, self.include('apps/live/a.cc', 'ns3/node.h'), 'ns-3 outside')
        self.assert_broken(rule, self.include('apps/ns3/a.cc', '<boost/asio.hpp>'), 'Boost')
        self.assert_broken(rule, self.include('apps/ns3/a.cc', 'ns3/core-module.h'), 'core-module')

    def test_banned_calls(self):
        rule = 'BannedCalls'
        kept = ('random.Next(); m_time(); t.time(); // rand()\nNextTimeout(); "sleep(1)"; '
                'static_assert(true); fmt::format_to(out, ""); OnTime(1); std::memcmp(a, b, 3);')
        self.assert_kept(rule, {'model/base/a.cc': kept, 'apps/live/a.cc': 'rand(); sleep(1);'})
        for call in ('rand()', 'std::rand ()', 'srand(1)', 'std::random_device d;', 'time(nullptr)',
                     'std::time(0)', 'std::chrono::system_clock::now()', 'steady_clock::now()',
                     'gettimeofday(&t, 0)', 'clock_gettime(1, &t)', 'std::thread t;', 'sleep(1)',
                     'std::this_thread::sleep_for(x)', 'usleep(1)', 'fopen("a", "b")',
                     'std::ifstream f;', 'std::cout << 1', 'printf("")', 'std::snprintf(a, 1, "")',
                     'getenv("A")', 'assert(true)', 'throw 1', 'std::mt19937 g;',
                     'std::uniform_int_distribution<int> d;', 'pthread_create(a)'):
            self.assert_broken(rule, {'model/base/a.cc': f'\n{call}\n'}, 'in model/; use ')
        self.assert_broken(rule, {'model/crypto/a.cc': 'memcmp(a, b, 1)'}, 'sodium_memcmp')
        self.assert_kept(rule, {rules.MAY_PRINT: 'std::fprintf(stderr, "")'})
        self.assert_broken(rule, {rules.MAY_PRINT: 'rand()'}, 'random.h')

    def test_no_shell(self):
        rule = 'NoShell'
        kept = ('m_system(); file.system(); std::system_error e; boost::system::error_code c; '
                'execute(); forked(); // system("x")\n"popen(";')
        self.assert_kept(rule, {'apps/live/a.cc': kept, 'tests/live/a.cc': 'std::system("x");'})
        for call in ('system("x")', 'std::system (a)', '::popen(a, "r")', 'fork()', '::vfork()',
                     'execl("/bin/sh", 0)', 'execvp(a, b)', '::execve(a, b, c)', 'execvpe(a, b)',
                     'posix_spawn(&p, a)', '::posix_spawnp(&p, a)', 'clone(f, s, 0, 0)',
                     'wordexp(a, &b, 0)', 'syscall(SYS_execve, a)', 'fexecve(1, a, b)'):
            for path in ('apps/live/a.cc', 'apps/ns3/a.cc', 'model/base/a.cc'):
                self.assert_broken(rule, {path: f'\n{call};\n'}, 'starts a program')

    def test_test_hooks(self):
        rule = 'TestHooks'
        call = '    handshake.UseEphemeralForTesting(pair);\n'
        definition = '    void UseEphemeralForTesting(const X25519KeyPair& pair) { m_a = pair; }\n'
        self.assert_kept(rule, {'tests/unit/crypto/a-test.cc': call,
                                'model/crypto/a.h': definition + '// UseEphemeralForTesting\n'})
        for path in ('model/crypto/a.cc', 'model/connection/a.cc', 'apps/live/a.cc',
                     'scenarios/lab/a.cc'):
            self.assert_broken(rule, {path: '\n' + call}, 'forward secrecy')
        self.assert_broken(rule, {'model/connection/a.h': definition}, 'forward secrecy')

    def test_planted_bugs(self):
        rule, home = 'PlantedBugs', 'model/base/planted.h'
        tree = {home: '    kNone,\n    kA,  ///< a\n', 'model/a/b.cc': 'if (CRSP_PLANTED(kA))'}
        self.assert_kept(rule, tree | {'tests/swarm/main.cc': 'Plant(name)'})
        self.assert_broken(rule, {home: tree[home]}, 'exactly one place')
        self.assert_broken(rule, {'model/a/b.cc': 'CRSP_PLANTED(kA)'}, 'must be listed')
        self.assert_broken(rule, tree | {'model/a/c.cc': 'CRSP_PLANTED(kA)'}, 'exactly one place')
        self.assert_broken(rule, tree | {'apps/live/a.cc': 'CRSP_PLANTED(kA)'}, 'outside of model')
        self.assert_broken(rule, tree | {'apps/live/a.cc': 'Plant(name)'}, 'only tests/swarm')
        self.assert_broken(rule, tree | {'apps/live/a.cc': '#ifdef CRSP_PLANTS'}, 'use CRSP_PLANT')

    def test_one_definition(self):
        rule = 'OneDefinition'
        one = {'tests/unit/a.h': 'inline int Key(char which) {\n', 'tests/unit/b.h': ''}
        self.assert_kept(rule, one)
        for kept in ({'tests/sim/b.h': 'inline int Key(char which) {\n'},
                     {'tests/unit/b.h': 'inline int Key(std::string which) {\n'}):
            self.assert_kept(rule, {**one, **kept})
        for broken in ('inline int Key(char which) {\n', 'inline Key Key(char of = 0) {\n'):
            self.assert_broken(rule, {**one, 'tests/unit/b.h': broken}, 'another name')

    def test_tests_exist(self):
        exempt = {path: '' for path in rules.UNTESTED}
        short, long = 'int A() { return 1; }\n', 'int A() {\n    return 1;\n}\n'
        self.assert_kept('TestsExist', exempt | {'model/a/b.h': short})
        self.assert_kept('TestsExist', exempt | {
            'model/a/b.h': long, 'model/a/b.cc': '', 'tests/unit/a/b-test.cc': ''})
        self.assert_broken('TestsExist', exempt | {'model/a/b.cc': ''}, 'tests/unit/a/b-test.cc')
        self.assert_broken('TestsExist', exempt | {'model/a/b.h': long}, 'tests/unit/a/b-test.cc')
        self.assert_broken('TestsExist', exempt | {
            'model/a/b.cc': '', 'tests/unit/other/b-test.cc': ''}, 'has no')
        self.assert_broken('TestsExist', exempt | {'tests/unit/host/role-test.cc': ''},
                           'take it off')
        self.assert_broken('TestsExist', {path: '' for path in list(exempt)[1:]}, 'does not exist')

    def test_function_length(self):
        def function(lines):
            return 'void F() {\n' + 'x();\n' * (lines - 2) + '}\n'

        self.assert_kept('FunctionLength', {'apps/live/a.cc': function(70) * 3})
        self.assert_broken('FunctionLength', {'apps/live/a.cc': '\n' + function(71)},
                           'F has 71 lines')
        self.assert_kept('FunctionMedian', {'model/a/b.cc': function(11) * 2 + function(60)})
        self.assert_broken('FunctionMedian', {'model/a/b.cc': function(12)}, 'median')
        self.assert_kept('FunctionMedian', {})

    def test_file_length(self):
        self.assert_kept('FileLength', {'model/a/b.cc': '\n' * 500, 'apps/live/a.cc': '\n' * 900})
        self.assert_broken('FileLength', {'model/a/b.cc': '\n' * 501}, '501 lines')

    def test_layout(self):
        self.assert_kept('Layout', {'model/a/b.cc': 'x' * 100 + '\n', 'model/a.md': 'x' * 101})
        self.assert_broken('Layout', {'model/a/b.cc': 'x' * 101 + '\n'}, '101 columns')
        self.assert_broken('Layout', {'model/a/b.cc': '\tx\n'}, 'tab')
        self.assert_broken('Layout', {'run': 'x \n'}, 'white space')
        self.assert_broken('Layout', {'wscript': 'x\r\n'}, 'white space')
        self.assert_broken('Layout', {'CMakeLists.txt': 'x'}, 'newline')
        self.assert_broken('Layout', {'CMakeLists.txt': 'x\n\n'}, 'newline')

    def test_licence(self):
        gpl = BSD.replace('BSD-3-Clause', 'GPL-2.0-only')
        self.assert_kept('Licence', {
            'model/a/b.cc': BSD, 'apps/ns3/a.cc': gpl, 'scenarios/lab/a.h': gpl,
            'tests/run-tests.py': '#!/usr/bin/env python3\n' + BSD.replace('//', '#'),
            'wscript': gpl.replace('//', '#')})
        self.assert_broken('Licence', {'model/a/b.cc': '\n' + BSD}, 'BSD-3-Clause')
        self.assert_broken('Licence', {'model/a/b.cc': gpl}, 'BSD-3-Clause')
        self.assert_broken('Licence', {'apps/ns3/b.cc': BSD}, 'GPL-2.0-only')
        self.assert_broken('Licence', {'scenarios/b.toml': ''}, 'GPL-2.0-only')

    def test_names(self):
        self.assert_kept('Names', {'model/a/b-2c.cc': '', 'model/a/b.h': BSD + '#pragma once\n'})
        self.assert_broken('Names', {'model/a/b_c.cc': ''}, 'kebab')
        self.assert_broken('Names', {'model/a/BeC.cc': ''}, 'kebab')
        self.assert_broken('Names', {'model/a/b.h': '// #pragma once\n'}, 'pragma once')

    def test_local_paths(self):
        self.assert_kept('LocalPaths', {'run': 'a/home/b https://x.org/work/ /tmp/x /usr/bin/env'})
        self.assert_broken('LocalPaths', {'a.md': 'in /{}/me/x'.format('home')}, 'one machine')
        self.assert_broken('LocalPaths', {'run': '\n"/{}/x"'.format('work')}, 'run:2')

    def test_proofs(self):
        table = '| A1 | what | §1 | `a.cc` | `A1_*`; `tests/b.cc` |\n'
        tree = {'model/PROTOCOL.md': table, 'model/x/a.cc': '', 'tests/b.cc': 'TEST(X, A1_Is)'}
        self.assert_kept('Proofs', tree)
        self.assert_broken('Proofs', {**tree, 'tests/b.cc': 'TEST(X, A2_Is)'}, 'named A1_')
        self.assert_broken('Proofs', {key: tree[key] for key in list(tree)[:2]},
                           'named A1_', 'no tests/b.cc')
        self.assert_broken('Proofs', {key: tree[key] for key in list(tree)[::2]}, 'no a.cc')


if __name__ == '__main__':
    unittest.main()
