# SPDX-License-Identifier: GPL-2.0-only
#
# For waf. In contrib/crsp of an ns-3 tree up to 3.35 it builds the module; on its own
# it drives the CMake build. Sources are found by the patterns that CMakeLists.txt uses.
import os

from waflib import Context

top = '.'
out = 'build/waf'

PACKAGES = {'SODIUM': 'libsodium', 'FMT': 'fmt', 'ISAL': 'libisal'}


def stands_alone(ctx):
    return ctx.path.abspath() == os.path.dirname(Context.g_module.root_path)


def options(opt):
    if stands_alone(opt):
        opt.add_option('--preset', default='release', help='CMake preset [default: %(default)s]')


def configure(conf):
    if stands_alone(conf):
        conf.find_program('cmake')
        conf.env.PRESET = conf.options.preset
        run(conf, ['cmake', '--preset', conf.env.PRESET])
        return
    missing = [package for name, package in PACKAGES.items() if not conf.check_cfg(
        package=package, uselib_store=name, args=['--cflags', '--libs'], mandatory=False)]
    conf.check_cxx(lib='IPSec_MB', header_name='intel-ipsec-mb.h', uselib_store='IPSEC_MB',
                   defines=['CRSP_HAS_IPSEC_MB'], mandatory=False)
    if not conf.check_cxx(header_name='tl/expected.hpp', mandatory=False):
        missing.append('tl-expected')
    conf.report_optional_feature('crsp', 'CRSP', not missing, ' and '.join(missing) + ' not found')
    if missing:
        conf.env.append_value('MODULES_NOT_BUILT', 'crsp')


def build(bld):
    if stands_alone(bld):
        target = ['--target', 'clean'] if bld.cmd == 'clean' else []
        jobs = ['--parallel', str(bld.jobs)]
        run(bld, ['cmake', '--build', '--preset', bld.env.PRESET] + jobs + target)
    elif 'crsp' not in bld.env['MODULES_NOT_BUILT']:
        build_module(bld)


def run(ctx, command):
    if ctx.exec_command(command, cwd=ctx.path.abspath(), stdout=None, stderr=None):
        ctx.fatal('failed: ' + ' '.join(command))


def build_module(bld):
    module = bld.create_ns3_module('crsp', ['core', 'network', 'internet', 'point-to-point'])
    module.source = sources(bld, 'model/**/*.cc apps/ns3/*.cc')
    as_engine(module)

    tests = bld.create_ns3_module_test_library('crsp')
    tests.source = sources(bld, 'tests/ns3/*-test-suite.cc')
    as_engine(tests)

    headers = bld(features='ns3header')
    headers.module = 'crsp'
    headers.source = sources(bld, 'apps/ns3/crsp-*.h')

    if bld.env['ENABLE_EXAMPLES']:
        example = bld.create_ns3_program('crsp-example', ['crsp', 'internet', 'point-to-point'])
        example.source = ['apps/ns3/example/crsp-example.cc']
        as_engine(example)


def sources(bld, pattern):
    return [node.path_from(bld.path) for node in bld.path.ant_glob(pattern)]


def as_engine(target):
    """Compiles a target as the engine wants it, whatever the rest of the tree is compiled as."""
    target.use = target.to_list(target.use) + list(PACKAGES) + ['IPSEC_MB']
    target.includes = target.to_list(getattr(target, 'includes', [])) + ['.']
    target.env.append_value('CXXFLAGS', ['-std=c++20', '-ffp-contract=off'])
