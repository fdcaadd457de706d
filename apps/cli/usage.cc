// SPDX-License-Identifier: BSD-3-Clause
#include "apps/cli/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "model/media/catalogue.h"

namespace crsp {
namespace {

std::string Commands(const CLI::App& app) {
    std::vector<std::string> names;
    const auto all = app.get_subcommands([](const CLI::App*) { return true; });
    for (const auto* command : all) names.push_back(command->get_name());
    return fmt::format("{}", fmt::join(names, ", "));
}

bool HasCommands(const CLI::App& app) {
    return !app.get_subcommands([](const CLI::App*) { return true; }).empty();
}

/// The command that was given, or the command of that; `app` itself if none was.
const CLI::App& Chosen(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? app : Chosen(*chosen.front());
}

/// What is wrong with `word`, which no option and no command wanted.
std::string Unwanted(const CLI::App& app, const std::string& word, bool valueMissing) {
    const auto shown = PrintableName(word);
    if (word.size() > 1 && word.front() == '-') {
        return fmt::format("unknown option '{}'{}", shown,
                           valueMissing ? ", and what is no option goes behind --" : "");
    }
    if (const auto& chosen = Chosen(app); HasCommands(chosen)) {
        return fmt::format("unknown command '{}', expected one of {}", shown, Commands(chosen));
    }
    return fmt::format("unexpected argument '{}'", shown);
}

std::string Complaint(const CLI::App& app, const CLI::ParseError& error) {
    const auto& chosen = Chosen(app);
    const bool commandMissing = HasCommands(chosen);
    const bool missing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    if (missing || dynamic_cast<const CLI::ExtrasError*>(&error)) {
        const auto unwanted = app.remaining(true);
        if (!unwanted.empty()) return Unwanted(app, unwanted.front(), missing && !commandMissing);
    }
    if (missing && commandMissing) {
        return fmt::format("a command is missing, expected one of {}", Commands(chosen));
    }
    if (missing && &chosen != &app) {
        return fmt::format("{}: {}", chosen.get_name(), error.what());
    }
    const std::string text = error.what();
    const bool noValue =
        dynamic_cast<const CLI::ArgumentMismatch*>(&error) && text.ends_with(" missing");
    return noValue ? text.substr(0, text.find(':')) + ": its value is missing" : text;
}

}  // namespace

std::string UsageSentence(const CLI::App& app, const CLI::ParseError& error) {
    auto text = Complaint(app, error);
    std::replace(text.begin(), text.end(), '\n', ' ');
    // A refused value has been told what was expected.
    if (dynamic_cast<const CLI::ValidationError*>(&error)) return text;
    return fmt::format("{}; see {} --help", text, app.get_name());
}

CLI::Option* AddCount(CLI::App& app, const std::string& name, std::uint64_t& value,
                      std::uint64_t min, std::uint64_t max, const std::string& help) {
    const auto take = [&value, name, min, max](const std::string& text) {
        std::uint64_t count = 0;
        const auto* stop = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data(), stop, count);
        if (error != std::errc() || end != stop || count < min || count > max) {
            RefuseValue(name, fmt::format("expected an integer from {} to {}", min, max), text);
        }
        value = count;
    };
    return app
        .add_option_function<std::string>(name, take, fmt::format("{}; {} to {}", help, min, max))
        ->type_name("UINT")
        ->default_str(std::to_string(value));
}

void RefuseValue(const std::string& name, std::string_view expected, std::string_view got) {
    throw CLI::ValidationError(name, fmt::format("{}, got '{}'", expected, PrintableName(got)));
}

}  // namespace crsp
