// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace crsp {

/// Sets a variable of the environment, which programs that are started inherit, for one scope.
class Environment {
  public:
    /// Unset if there is no `value`.
    Environment(std::string name, const std::optional<std::string>& value)
        : m_name(std::move(name)) {
        if (const char* before = std::getenv(m_name.c_str())) m_before = before;
        Set(value);
    }
    ~Environment() { Set(m_before); }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

  private:
    void Set(const std::optional<std::string>& value) {
        if (value) {
            ::setenv(m_name.c_str(), value->c_str(), 1);
        } else {
            ::unsetenv(m_name.c_str());
        }
    }

    std::string m_name;
    std::optional<std::string> m_before;
};

}  // namespace crsp
