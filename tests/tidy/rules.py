# SPDX-License-Identifier: BSD-3-Clause
"""The house rules. Each takes {path: text} of the whole tree and returns what breaks it, one line
`path:line: what, and what to do instead` per offence. RULES names them for ctest."""

import re
import statistics

import cpp

MAX_COLUMNS = 100
MAX_FUNCTION_LINES = 70
MEDIAN_FUNCTION_LINES = 12  # the median must stay below
MAX_MODEL_FILE_LINES = 500

CPP = ('.h', '.cc')
CODE = CPP + ('.py', '.cmake', '.toml', 'CMakeLists.txt', 'wscript', 'run', '.ci/cleanroom')

# Who may include whom (DESIGN: downward, never upward). Every folder may include itself; a longer
# entry, which may be a file, wins over a shorter one.
ENDPOINT = ('model/connection/endpoint.h', 'model/connection/endpoint-config.h',
            'model/connection/known-peer.h',
            'model/connection/event.h', 'model/connection/stats.h', 'model/wire/types.h',
            'model/wire/error-codes.h', 'model/trace/tracer.h')
DEPENDENCIES = {
    'model/base': (),
    'model/wire': ('model/base',),
    'model/crypto': ('model/base', 'model/wire'),
    'model/recovery': ('model/base', 'model/wire'),
    'model/stream': ('model/base', 'model/wire'),
    'model/impair': ('model/base',),
    'model/trace': ('model/base',),
    'model/connection': ('model/base', 'model/wire', 'model/crypto', 'model/recovery',
                         'model/stream', 'model/trace'),
    'model/host': ('model/base', *ENDPOINT),
    'model/media': ('model/base', 'model/host/role.h', *ENDPOINT),
    # A grant is a MAC; nothing else of the media session sees keys or digests.
    'model/media/grant.h': ('model/base', 'model/media', 'model/crypto/secret-key.h', *ENDPOINT),
    'model/media/grant.cc': ('model/base', 'model/media', 'model/crypto'),
    'apps/version': ('model/crypto/aead.h',),
    'apps/cli': ('model/base', 'model/media/catalogue.h'),
    'apps/digest': ('model/base',),
    'apps/live': ('model', 'apps/version', 'apps/cli', 'apps/digest'),
    'apps/ns3': ('model', 'apps/version'),
    'scenarios': ('model', 'apps/ns3', 'apps/version', 'apps/cli', 'apps/digest'),
    'tests/unit': ('model', 'tests/support'),
    'tests/swarm': ('model', 'tests/sim'),
    'tests/sim': ('model', 'tests/support'),
    'tests/cost': ('model',),
    'tests/attacks': ('apps/live', 'apps/cli', 'model', 'tests/cost', 'tests/sim', 'tests/unit'),
    'tests/interop': ('model',),
    'tests/fuzz': ('model', 'apps/live', 'scenarios', 'tests/unit', 'tests/support'),
    'tests/live': ('model', 'apps/live', 'apps/cli', 'apps/version', 'tests/sim', 'tests/support',
                   'tests/unit/media/sample-messages.h'),
    'tests/ns3': ('model', 'apps/ns3', 'apps/live', 'apps/version', 'scenarios', 'tests/sim',
                  'tests/support'),
    'tests/lab': ('model', 'apps/ns3', 'apps/version', 'scenarios', 'tests/support'),
    'tests/support': ('model',),
}

MODEL_LIBRARIES = re.compile(
    r'sodium(/\w+)?\.h|fmt/[\w-]+\.h|tl/expected\.hpp|intel-ipsec-mb\.h|isa-l/.*')
MODEL_BANNED_HEADERS = {
    'iostream': 'return values or events', 'fstream': 'model/media/sink.h',
    'filesystem': 'an id of the catalogue', 'thread': 'one Endpoint per core',
    'mutex': 'one owner', 'shared_mutex': 'one owner', 'condition_variable': 'one owner',
    'future': 'events', 'atomic': 'one owner', 'random': 'model/base/random.h',
    'ctime': 'a TimePoint argument', 'csignal': 'the host', 'regex': 'a parser',
}

BANNED_CALLS = [
    (r'(?<![\w.>])s?rand\s*\(', 'model/base/random.h'),
    (r'\brandom_device\b|\bmt19937|_distribution\b', 'model/base/random.h'),
    (r'(?<![\w.>])(?:time|clock|gettimeofday|clock_gettime)\s*\(', 'a TimePoint argument'),
    (r'\b(?:system|steady|high_resolution)_clock\b', 'a TimePoint argument'),
    (r'\bstd::j?thread\b|\bpthread_\w+|\bstd::async\b', 'one Endpoint per core'),
    (r'\b(?:u|nano)?sleep(?:_for|_until)?\s*\(', 'NextTimeout()'),
    (r'\bfopen\s*\(|\bstd::[io]?fstream\b', 'ContentStore or Sink of the host'),
    (r'\bstd::(?:cout|cerr|clog)\b', 'an event or the tracer'),
    (r'\b(?:f|s|sn|v\w*)?printf\s*\(', 'fmt::format_to, or an event'),
    (r'\bgetenv\s*\(', 'the configuration'),
    (r'(?<![\w.>])assert\s*\(', 'CRSP_ASSERT'),
    (r'\bthrow\b', 'Expected<T, E>'),
]
BANNED_IN_CRYPTO = [(r'\bmemcmp\s*\(|\bstd::equal\b', 'sodium_memcmp')]
MAY_PRINT = 'model/base/assert.cc'
STARTS_A_PROGRAM = re.compile(
    r'(?<![\w.>])(?:system|popen|v?fork|clone3?|execv?[elp]*|execveat|fexecve|posix_spawnp?)\s*\('
    r'|\bboost/process|\bwordexp\s*\(|\bSYS_(?:execve(?:at)?|v?fork|clone3?)\b')

TEST_HOOK = 'UseEphemeralForTesting'
TEST_HOOK_DEFINITION = re.compile(rf'\s*void (\w+::)?{TEST_HOOK}\(const ')

# Engine files without a test file of their own, and why.
UNTESTED = {
    'model/base/assert.h': 'one macro, which ends the process',
    'model/base/result.h': 'an alias of tl::expected',
    'model/connection/endpoint-config.h': 'fields without logic',
    'model/connection/event.h': 'fields without logic',
    'model/base/planted.h': 'the constant false, but where bugs are planted',
    'model/host/host.h': 'an interface',
    'model/host/role.h': 'an interface',
    'model/trace/tracer.h': 'an interface',
}

GPL_PLACES = ('apps/ns3/', 'scenarios/', 'tests/ns3/', 'tests/lab/', 'wscript')
LOCAL_PATH = re.compile(r'(?<![\w.])/(?:home|root|work|farm|Users|mnt)/')


def of_kind(tree, endings, under=''):
    return ((path, text) for path, text in sorted(tree.items())
            if path.endswith(endings) and path.startswith(under))


def folder_of(path, table):
    matches = [folder for folder in table if path == folder or path.startswith(folder + '/')]
    return max(matches, key=len, default=None)


def dependencies(tree):
    """A folder includes only what stands below it."""
    for path, text in of_kind(tree, CPP):
        folder = folder_of(path, DEPENDENCIES)
        if folder is None:
            yield f'{path}:1: this folder has no entry in the table of allowed includes'
            continue
        allowed = DEPENDENCIES[folder] + (folder,)
        for line, bracket, target in cpp.includes(text):
            if bracket == '<' or target.startswith('ns3/'):
                continue
            if target not in tree:
                yield f'{path}:{line}: "{target}" is no file, seen from the root of the repository'
            elif not any(target == entry or target.startswith(entry + '/') for entry in allowed):
                yield f'{path}:{line}: {folder} must not include {target}'


def outside_headers(tree):
    """model/ includes the standard library and its few libraries; ns-3 and Boost stay at home."""
    for path, text in of_kind(tree, CPP):
        for line, bracket, target in cpp.includes(text):
            where = f'{path}:{line}: '
            is_ns3 = target.startswith('ns3/')
            if path.startswith('model/') and (bracket == '<' or is_ns3):
                if target in MODEL_BANNED_HEADERS:
                    yield f'{where}<{target}> in model/; use {MODEL_BANNED_HEADERS[target]}'
                elif re.search(r'[./]', target) and not MODEL_LIBRARIES.fullmatch(target):
                    yield f'{where}<{target}> is not for model/; it belongs into a host in apps/'
            elif is_ns3 and not path.startswith(GPL_PLACES):
                yield f'{where}ns-3 outside of {", ".join(GPL_PLACES[:-1])}'
            elif target.startswith('boost/') and path.startswith('apps/ns3/'):
                yield f'{where}Boost in apps/ns3; only apps/live is built on it'
            if target == 'ns3/core-module.h':
                yield f'{where}ns3/core-module.h is no C++20; include ns3/simulator.h and the like'


def banned_calls(tree):
    """model/ calls nothing that would make two runs differ."""
    for path, text in of_kind(tree, CPP, 'model/'):
        bans = BANNED_CALLS + (BANNED_IN_CRYPTO if path.startswith('model/crypto/') else [])
        for number, line in enumerate(cpp.code_of(text).split('\n'), 1):
            for pattern, instead in bans:
                found = re.search(pattern, line)
                if found and not (path == MAY_PRINT and 'printf' in found.group()):
                    yield f'{path}:{number}: {found.group().strip(" (")} in model/; use {instead}'


def no_shell(tree):
    """No node starts another program: what a peer names or sends never reaches a shell."""
    for path, text in of_kind(tree, CPP):
        if not path.startswith(('apps/', 'model/')):
            continue
        for number, line in enumerate(cpp.code_of(text).split('\n'), 1):
            found = STARTS_A_PROGRAM.search(line)
            if found:
                yield (f'{path}:{number}: {found.group().strip(" (")} starts a program; hand bytes '
                       'on through standard output, and let the user choose who reads them')


def test_hooks(tree):
    """What makes a secret predictable is for tests alone."""
    for path, text in of_kind(tree, CPP):
        if path.startswith('tests/'):
            continue
        for number, line in enumerate(cpp.code_of(text).split('\n'), 1):
            defined = path.startswith('model/crypto/') and TEST_HOOK_DEFINITION.match(line)
            if TEST_HOOK in line and not defined:
                yield (f'{path}:{number}: {TEST_HOOK} outside of tests/; an ephemeral key that is '
                       'known beforehand leaves no forward secrecy: let the handshake draw its own')


def planted_bugs(tree):
    """A bug is planted at one place of the engine, by its name, and only the swarm chooses one."""
    home = 'model/base/planted.h'
    uses = {}
    for path, text in of_kind(tree, CPP):
        for number, line in enumerate(cpp.code_of(text).split('\n'), 1):
            where = f'{path}:{number}: '
            for bug in re.findall(r'CRSP_PLANTED\((k\w+)\)', line):
                if not path.startswith('model/'):
                    yield f'{where}{bug} is planted outside of model/'
                    continue
                uses.setdefault(bug, []).append(where)
            chooses = re.search(r'\bplantedBug\b|\bPlant\(', line)
            if chooses and path != home and not path.startswith('tests/swarm/'):
                yield f'{where}only tests/swarm chooses what is planted'
            if re.search(r'\bCRSP_PLANTS\b', line) and path != home:
                yield f'{where}CRSP_PLANTS outside of {home}; use CRSP_PLANTED'
    known = re.findall(r'^    (k\w+),', tree.get(home, ''), re.MULTILINE)
    for bug in sorted({*uses, *known} - {'kNone'}):
        if bug not in known or len(uses.get(bug, [])) != 1:
            yield f'{home}:1: {bug} must be listed here and planted at exactly one place'


def one_definition(tree):
    """Two headers of one test program never define functions of one signature: the linker keeps
    either, and nobody sees which."""
    inline = re.compile(r'^inline [\w:<>,&* ]*?(\w+)\((.*)$', re.MULTILINE)
    seen = {}
    for path, text in of_kind(tree, ('.h',), 'tests/'):
        for found in inline.finditer(cpp.code_of(text)):
            line = text.count('\n', 0, found.start()) + 1
            program = '/'.join(path.split('/')[:2])
            types = re.sub(r'\s*\w+( = [^,)]*)?(?=[,)])', '', found.group(2))
            first = seen.setdefault((program, found.group(1), types), path)
            if first != path:
                yield (f'{path}:{line}: {found.group(1)} is defined in {first} as well; one of the '
                       'two needs another name')


def has_logic(path, text):
    return path.endswith('.cc') or any(function.length > 1 for function in cpp.functions(text))


def tests_exist(tree):
    """Every engine file has its test: model/a/b.cc is tested by tests/unit/a/b-test.cc."""
    for path, text in of_kind(tree, CPP, 'model/'):
        stem = path.rsplit('.', 1)[0]
        if path.endswith('.h') and stem + '.cc' in tree:
            continue
        test = stem.replace('model/', 'tests/unit/', 1) + '-test.cc'
        if path in UNTESTED:
            if test in tree:
                yield f'{path}:1: has a test now; take it off the list UNTESTED'
        elif has_logic(path, text) and test not in tree:
            yield f'{path}:1: has no {test}'
    for path in UNTESTED:
        if path not in tree:
            yield f'{path}:1: does not exist; take it off the list UNTESTED'


def function_length(tree):
    """No function is longer than a screen or two."""
    for path, text in of_kind(tree, CPP):
        for function in cpp.functions(text):
            if function.length > MAX_FUNCTION_LINES:
                yield (f'{path}:{function.line}: {function.name} has {function.length} lines; '
                       f'at most {MAX_FUNCTION_LINES}')


def function_median(tree):
    """The functions of the engine are short."""
    lengths = [function.length for _, text in of_kind(tree, CPP, 'model/')
               for function in cpp.functions(text)]
    if lengths and statistics.median(lengths) >= MEDIAN_FUNCTION_LINES:
        yield (f'model:1: the median function has {statistics.median(lengths)} lines; '
               f'it must stay below {MEDIAN_FUNCTION_LINES}')


def file_length(tree):
    """An engine file is about one thing."""
    for path, text in of_kind(tree, CPP, 'model/'):
        if text.count('\n') > MAX_MODEL_FILE_LINES:
            yield f'{path}:1: {text.count(chr(10))} lines; at most {MAX_MODEL_FILE_LINES}'


def layout(tree):
    """100 columns, no tabs, no trailing space, one newline at the end."""
    for path, text in of_kind(tree, CODE):
        for number, line in enumerate(text.split('\n'), 1):
            where = f'{path}:{number}: '
            if len(line) > MAX_COLUMNS:
                yield f'{where}{len(line)} columns; at most {MAX_COLUMNS}'
            if '\t' in line:
                yield f'{where}a tab; use spaces'
            if line != line.rstrip():
                yield f'{where}white space at the end of the line'
        if text and (not text.endswith('\n') or text.endswith('\n\n')):
            yield f'{path}:{text.count(chr(10))}: must end in exactly one newline'


def licence(tree):
    """The first line names the licence of the file."""
    for path, text in of_kind(tree, CODE):
        name = 'GPL-2.0-only' if path.startswith(GPL_PLACES) else 'BSD-3-Clause'
        if not re.match(rf'(#!.*\n)?(//|#) SPDX-License-Identifier: {re.escape(name)}\n', text):
            yield f'{path}:1: must begin with SPDX-License-Identifier: {name}'


def names(tree):
    """Source files are named in-kebab-case, and headers guard themselves by #pragma once."""
    for path, text in of_kind(tree, CPP):
        if not re.fullmatch(r'[a-z0-9]+(-[a-z0-9]+)*\.(h|cc)', path.rsplit('/', 1)[-1]):
            yield f'{path}:1: file names are in-kebab-case'
        if path.endswith('.h') and not re.search(r'^#pragma once$', text, re.MULTILINE):
            yield f'{path}:1: has no #pragma once'


def local_paths(tree):
    """Nothing names a folder of one machine."""
    for path, text in sorted(tree.items()):
        for number, line in enumerate(text.split('\n'), 1):
            found = LOCAL_PATH.search(line)
            if found:
                yield f'{path}:{number}: {found.group()} is a path of one machine'


def proofs(tree):
    """What the attack table of PROTOCOL.md names as code or proof is there."""
    path = 'model/PROTOCOL.md'
    names = {name.rsplit('/', 1)[-1] for name in tree}
    tests = ''.join(text for name, text in tree.items() if name.startswith('tests/'))
    for number, line in enumerate(tree.get(path, '').split('\n'), 1):
        if not re.match(r'\| [ABC][0-9]', line):
            continue
        _, _, _, code, proof, _ = (cell.strip() for cell in line[1:].split('|'))
        for row in re.findall(r'`([ABC][0-9]+_)\*`', proof):
            if not re.search(rf'\b{row}[A-Z]', tests):
                yield f'{path}:{number}: no test is named {row}'
        for file in re.findall(r'`([a-z0-9/-]+\.(?:cc|h))`', code + proof):
            if (file not in tree) if '/' in file else (file not in names):
                yield f'{path}:{number}: there is no {file}'


RULES = {
    'Dependencies': dependencies,
    'OutsideHeaders': outside_headers,
    'BannedCalls': banned_calls,
    'NoShell': no_shell,
    'TestHooks': test_hooks,
    'PlantedBugs': planted_bugs,
    'OneDefinition': one_definition,
    'TestsExist': tests_exist,
    'FunctionLength': function_length,
    'FunctionMedian': function_median,
    'FileLength': file_length,
    'Layout': layout,
    'Licence': licence,
    'Names': names,
    'LocalPaths': local_paths,
    'Proofs': proofs,
}
