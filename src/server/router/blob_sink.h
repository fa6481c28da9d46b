// The way of a body into a blob: a spool that takes no more than there is room for.
#pragma once

#include <memory>
#include <utility>

#include "formats/http/message.h"
#include "space/blobs/blobs.h"

namespace essaim::router {

class BlobSink final : public http::BodySink {
 public:
  BlobSink(std::unique_ptr<blobs::Spool> spool, ByteCount room)
      : spool_(std::move(spool)), room_(room) {}

  // Errors: quota_exceeded beyond the room; the spool's.
  Result<void> write(std::span<const std::byte> bytes) override {
    if (spool_->size() + static_cast<ByteCount>(bytes.size()) > room_) {
      return fail(Code::quota_exceeded, "the body is larger than the room left");
    }
    return spool_->write(bytes);
  }
  Result<void> finish() override { return spool_->finish(); }
  // After finish(), once.
  blobs::SpooledBlob take() { return spool_->take(); }

 private:
  std::unique_ptr<blobs::Spool> spool_;
  ByteCount room_;
};

}  // namespace essaim::router
