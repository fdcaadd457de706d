// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <string>

namespace crsp {

/// Bytes of a line that somebody types, at most.
inline constexpr std::size_t kMaxInputLine = 256;

/// Reads lines from a terminal or a pipe while the event loop goes on.
class LineInput {
  public:
    /// Takes a copy of `fd`.
    LineInput(boost::asio::io_context& io, int fd);

    /// Calls `take` once, with the next line without its end: an empty one if the input has ended,
    /// cannot be waited for, or the line is longer than kMaxInputLine.
    void ReadLine(std::function<void(const std::string&)> take);
    /// Nothing is called any more.
    void Stop();

  private:
    boost::asio::posix::stream_descriptor m_input;
    std::string m_buffer;
};

}  // namespace crsp
