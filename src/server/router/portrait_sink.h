// The way of a form with a picture of a person: its file goes to a nameless file on the disk, the
// rest is not looked at.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "features/members/picture.h"
#include "formats/http/message.h"
#include "formats/http/multipart.h"
#include "space/blobs/blobs.h"

namespace essaim::router {

class PortraitSink final : public http::BodySink, private http::PartTaker {
 public:
  // Errors: bad_request, when the type says that it is no such form; io, disk_full.
  static Result<std::unique_ptr<PortraitSink>> begin(blobs::Store& blobs, const SpaceId& space,
                                                     std::string_view content_type) {
    auto boundary = http::boundary_of(content_type);
    if (!boundary) return fail(Code::bad_request, "no form with files");
    auto file = TRY(blobs.scratch(space));
    return std::unique_ptr<PortraitSink>(new PortraitSink(*boundary, std::move(file)));
  }

  // Errors: bad_request; too_large: a file beyond kPictureChosenMax; io, disk_full.
  Result<void> write(std::span<const std::byte> bytes) override {
    return form_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  Result<void> finish() override { return form_.finish(); }
  // After finish(). Error: not_found, when there was no file or an empty one; io.
  Result<UniqueFd> take() {
    if (file_->size() == 0) return fail(Code::not_found, "no picture was chosen");
    return file_->open_read();
  }

 private:
  PortraitSink(std::string_view boundary, std::unique_ptr<disk::NewFile> file)
      : form_(boundary, *this), file_(std::move(file)) {}

  // CLIENT: Nextcloud's web page calls it files[].
  Result<void> begin(const http::Part& part) override {
    bool named = part.file && (part.name == "picture" || part.name == "files[]");
    taking_ = named && file_->size() == 0;
    return {};
  }
  Result<void> take(std::string_view bytes) override {
    if (!taking_) return {};
    if (file_->size() + static_cast<ByteCount>(bytes.size()) > members::kPictureChosenMax) {
      return fail(Code::too_large, "a picture of a person");
    }
    return file_->append(std::as_bytes(std::span(bytes)));
  }

  http::Multipart form_;
  std::unique_ptr<disk::NewFile> file_;
  bool taking_ = false;
};

}  // namespace essaim::router
