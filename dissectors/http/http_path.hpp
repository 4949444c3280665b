// What the path of a request means to Lync Server 2013 and Skype for Business, and to the certificates they use.
#pragma once

#include <string_view>

#include "model/application_facts.hpp"

namespace sealtrace {

/// HttpPathClue is what a request-target alone tells: the web service its directories name, and what its file name says. The service
/// wins: a file of a service does not leave it by its ending.
struct HttpPathClue {
  HttpPathClass service{};
  HttpPathClass file{};
};

/// http_path_clue reads origin-form or absolute-form (RFC 9112 section 3.2); others have no path. Whole segments are compared, whatever the
/// case, after percent-decoding of unreserved characters and without dot segments (RFC 3986 section 6.2.2).
HttpPathClue http_path_clue(std::string_view request_target);

/// http_host_class tells what a host's first label alone says of a request, other for most.
HttpPathClass http_host_class(std::string_view host);

/// http_content_class tells what a Content-Type says, other for most.
HttpPathClass http_content_class(std::string_view content_type);

/// http_path_class joins the clues of one request.
HttpPathClass http_path_class(const HttpPathClue& clue, HttpPathClass content, std::string_view host);

}  // namespace sealtrace
