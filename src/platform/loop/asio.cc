#include "platform/loop/asio.h"

#include <boost/asio/impl/src.hpp>
