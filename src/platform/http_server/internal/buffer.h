// Bytes received and not used yet. Holds no memory while empty and released.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace essaim::http_server {

class Buffer {
 public:
  std::string_view bytes() const { return {data_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }

  // At least `least` bytes to write to; say with added() how many were.
  std::span<char> room(std::size_t least) {
    if (capacity_ - end_ < least) make_room(least);
    return {data_.get() + end_, capacity_ - end_};
  }
  void added(std::size_t count) { end_ += count; }

  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  void release() {
    data_.reset();
    begin_ = end_ = capacity_ = 0;
  }

 private:
  void make_room(std::size_t least) {
    std::size_t size = end_ - begin_;
    if (capacity_ < size + least) {
      std::size_t capacity = std::max(size + least, 2 * capacity_);
      // Not value-initialised: it is about to be written.
      auto grown = std::make_unique_for_overwrite<char[]>(capacity);
      if (size > 0) std::memcpy(grown.get(), data_.get() + begin_, size);
      data_ = std::move(grown);
      capacity_ = capacity;
    } else {
      std::memmove(data_.get(), data_.get() + begin_, size);
    }
    begin_ = 0;
    end_ = size;
  }

  std::unique_ptr<char[]> data_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace essaim::http_server
