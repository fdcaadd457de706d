// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/line-input.h"

#include <fcntl.h>

#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <utility>

namespace crsp {

LineInput::LineInput(boost::asio::io_context& io, int fd) : m_input(io) {
    const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    boost::system::error_code ignored;
    if (copy >= 0) m_input.assign(copy, ignored);
}

void LineInput::ReadLine(std::function<void(const std::string&)> take) {
    const auto done = [this, take = std::move(take)](const boost::system::error_code& error,
                                                     std::size_t size) {
        if (error == boost::asio::error::operation_aborted) return;
        auto line = error ? std::string() : m_buffer.substr(0, size - 1);
        m_buffer.erase(0, size);
        if (!line.empty() && line.back() == '\r') line.pop_back();
        take(line);
    };
    boost::asio::async_read_until(m_input, boost::asio::dynamic_buffer(m_buffer, kMaxInputLine),
                                  '\n', done);
}

void LineInput::Stop() {
    boost::system::error_code ignored;
    m_input.close(ignored);
}

}  // namespace crsp
