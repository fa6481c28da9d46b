// The one way to include Boost.Asio: every file must see the same switches, or the program is not
// one program. Asio's own code is compiled once, in asio.cc.
#pragma once

#ifndef BOOST_ASIO_SEPARATE_COMPILATION
#define BOOST_ASIO_SEPARATE_COMPILATION
#endif
// Concurrent coroutines were seen to trip over recycled frames; a frame costs one malloc.
#ifndef BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
#define BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
#endif

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace essaim::loop {
namespace asio = boost::asio;
}  // namespace essaim::loop
