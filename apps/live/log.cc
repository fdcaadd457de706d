// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "apps/live/safe-text.h"

namespace crsp {
namespace {

spdlog::level::level_enum LevelOf(Verbosity verbosity) {
    switch (verbosity) {
        case Verbosity::kQuiet:
            return spdlog::level::warn;
        case Verbosity::kVerbose:
            return spdlog::level::debug;
        case Verbosity::kNormal:
            break;
    }
    return spdlog::level::info;
}

}  // namespace

void StartLog(std::string_view program, Verbosity verbosity) {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
    auto logger = std::make_shared<spdlog::logger>(std::string(program), std::move(sink));
    logger->set_pattern(verbosity == Verbosity::kVerbose ? "%n: %T.%f %v" : "%n: %v");
    logger->set_level(LevelOf(verbosity));
    logger->flush_on(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
}

void LogWarning(const std::string& message) {
    spdlog::warn("{}", SafeLine(message));
}

void LogInfo(const std::string& message) {
    spdlog::info("{}", SafeLine(message));
}

void LogDetail(const std::string& message) {
    spdlog::debug("{}", SafeLine(message));
}

}  // namespace crsp
