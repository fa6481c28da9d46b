// Answers about things beside the files tree (comments, tags): each has its own few properties,
// and there is no table of them.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/dav/multistatus.h"

namespace essaim::dav {

enum class Collection : bool { no, yes };

// A property is rendered before it is asked for: they are short.
struct Resource {
  struct Property {
    std::string_view ns;  // names are literals of the code
    std::string_view name;
    std::string xml;  // between the tags
  };
  std::string href;  // encoded
  std::vector<Property> properties;

  // With its d:resourcetype.
  Resource(std::string address, Collection collection);
  void add(std::string_view ns, std::string_view name, std::string_view text);  // escaped
  void add_xml(std::string_view ns, std::string_view name, std::string xml);
};

// The whole 207. An empty body or allprop asks for every property. More than 64 KiB goes out in
// pieces.
http::Response resources_response(Wanted wanted, std::vector<Resource> resources);

// 409: something of that name is there already (RFC 4918 has no code of its own for this).
http::Response already_exists(call::Language language);
// 200 with what the address allows.
http::Response options_of(std::string_view allow);
// 201 with the address of what was made.
http::Response created_at(std::string_view href);
// 204 without a body.
http::Response no_content();

// A body that is one JSON object. Error: bad_request.
Result<boost::json::object> json_body(const call::Call& call);
// Member of it; none when absent. Error: bad_request (another type).
Result<std::optional<std::string>> json_text(const boost::json::object& object,
                                             std::string_view name);
Result<std::optional<bool>> json_truth(const boost::json::object& object, std::string_view name);

}  // namespace essaim::dav
