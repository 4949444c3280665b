#include "dissectors/http/http_path.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "proto/text_head.hpp"
#include "wire/hex_digit.hpp"

namespace sealtrace {
namespace {

using enum HttpPathClass;

struct Row {
  std::string_view name;
  HttpPathClass meaning{};
};

/// kServices are virtual directories, in lower case, without the slashes around them. Sources:
/// [IIS]  "IIS requirements for Front End pools and Standard Edition servers in Lync Server 2013" (2012-06-19), table of directories
/// [SVC]  "Get-CsService for Address Book management in Lync Server 2013" (2012-11-01), URIs of the WebServer role
/// [DISC] "Understanding Autodiscover in Lync Server 2013", links of the response document; [MS-OCDISCWS]
/// [LIMIT] "Lync Server 2013: conferencing configuration", upload limit of /DataCollabWeb/Int[Ext]/Handler
/// [PASS] "Configuring passive authentication for Lync Server 2013", metadata of /passiveauth
/// [URL]  "Planning for simple URLs in Lync Server 2013": Meet and Dialin as directories or as hosts
/// [ADCS] Active Directory Certificate Services: web enrolment and the default AIA and CDP locations
/// [AUTH] [MS-OCAUTHWS]: web ticket and certificate provisioning services
/// No document names a directory for push notifications: HttpPathClass::push has no row.
constexpr std::array kServices{
    Row{"abs", address_book},                     // [IIS] [SVC]
    Row{"autodiscover", autodiscover},            // [IIS] [DISC]
    Row{"autoupdate", device_update},             // [IIS] client updates
    Row{"certenroll", root_certificate},          // [ADCS]
    Row{"certprov", web_ticket},                  // [SVC] [AUTH]
    Row{"certsrv", root_certificate},             // [ADCS]
    Row{"collabcontent", meeting_content},        // [SVC]
    Row{"conf", web_conferencing},                // [IIS]
    Row{"datacollabweb", meeting_content},        // [LIMIT]
    Row{"deviceupdatefiles_ext", device_update},  // [IIS]
    Row{"deviceupdatefiles_int", device_update},  // [IIS]
    Row{"dialin", web_conferencing},              // [URL] [SVC]
    Row{"etc/place/null", meeting_content},       // [IIS] "Meeting"
    Row{"groupexpansion", group_expansion},       // [IIS] [SVC]
    Row{"lwa", meeting_content},                  // Lync Web App: /lwa/WebPages/LwaClient.aspx
    Row{"mcx", mobility},                         // [IIS] [DISC]
    Row{"meet", meeting_content},                 // [URL] [SVC]
    Row{"ocsp", ocsp},                            // [ADCS] online responder
    Row{"passiveauth", web_ticket},               // [PASS]
    Row{"phoneconferencing", web_conferencing},   // [IIS]
    Row{"reach", web_conferencing},               // [SVC] [DISC]
    Row{"requesthandler", device_update},         // [IIS] [SVC]
    Row{"requesthandlerext", device_update},      // [SVC]
    Row{"scheduler", web_conferencing},           // [DISC]
    Row{"ucwa", mobility},                        // [DISC]
    Row{"webticket", web_ticket},                 // [SVC] [AUTH]
};

/// kFileEndings (RFC 2585 section 4: .cer and .crl; PKCS #7 and .crt by use).
constexpr std::array kFileEndings{
    Row{".cer", root_certificate}, Row{".crt", root_certificate}, Row{".p7b", root_certificate},
    Row{".p7c", root_certificate}, Row{".crl", revocation_list},
};

/// kHosts are first labels: Autodiscover's (L-CMOB), the simple URL of meetings ([URL]), and what authorities name their responders.
constexpr std::array kHosts{
    Row{"lyncdiscover", autodiscover},
    Row{"lyncdiscoverinternal", autodiscover},
    Row{"meet", meeting_content},
    Row{"dialin", web_conferencing},
    Row{"ocsp", ocsp},
};

/// kContentTypes (RFC 6960 appendix C, RFC 2585 section 4, RFC 8551 section 3.2).
constexpr std::array kContentTypes{
    Row{"application/ocsp-request", ocsp},
    Row{"application/ocsp-response", ocsp},
    Row{"application/pkix-crl", revocation_list},
    Row{"application/pkix-cert", root_certificate},
    Row{"application/x-x509-ca-cert", root_certificate},
    Row{"application/x-pkcs7-certificates", root_certificate},
};

template <std::size_t kRows>
HttpPathClass look_up(const std::array<Row, kRows>& table, std::string_view word) {
  const auto row = std::ranges::find_if(table, [&](const Row& entry) { return same_word(entry.name, word); });
  return row == table.end() ? other : row->meaning;
}

constexpr bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

/// path_of takes path-absolute out of a target, without query and fragment; empty where there is none.
std::string_view path_of(std::string_view target) {
  if (const std::size_t authority = target.find("://"); !target.starts_with('/') && authority != std::string_view::npos) {
    target.remove_prefix(authority + 3);
    target.remove_prefix(std::min(target.find_first_of("/?#"), target.size()));
  }
  target = target.substr(0, target.find_first_of("?#"));
  return target.starts_with('/') ? target : std::string_view{};
}

std::string decode_unreserved(std::string_view path) {
  std::string decoded;
  decoded.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' && path.size() - i > 2 && hex_digit(path[i + 1]) >= 0 && hex_digit(path[i + 2]) >= 0) {
      const char c = static_cast<char>(hex_digit(path[i + 1]) * 16 + hex_digit(path[i + 2]));
      if (is_unreserved(c)) {
        decoded += c;
        i += 2;
        continue;
      }
    }
    decoded += path[i];
  }
  return decoded;
}

/// segments_of splits a path and resolves its dot segments; empty ones are left out, as servers of files do.
std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
  }
  return segments;
}

/// begins tells whether a row's directories are the first ones.
bool begins(std::string_view name, const std::vector<std::string_view>& segments) {
  for (std::size_t i = 0; !name.empty(); ++i) {
    if (i == segments.size() || !same_word(next_word(name, '/'), segments[i])) return false;
  }
  return true;
}

}  // namespace

HttpPathClue http_path_clue(std::string_view request_target) {
  const std::string path = decode_unreserved(path_of(request_target));
  const std::vector<std::string_view> segments = segments_of(path);
  HttpPathClue clue;
  if (segments.empty()) return clue;
  const auto row = std::ranges::find_if(kServices, [&](const Row& entry) { return begins(entry.name, segments); });
  if (row != kServices.end()) clue.service = row->meaning;
  // The third form of a simple URL is https://lync.contoso.com/contoso.com/Meet ([URL]).
  const bool domain_first = segments.size() > 1 && segments[0].find('.') != std::string_view::npos;
  if (domain_first && same_word(segments[1], "meet")) clue.service = meeting_content;
  if (domain_first && same_word(segments[1], "dialin")) clue.service = web_conferencing;
  const std::string_view file = segments.back();
  const std::size_t dot = file.rfind('.');
  if (dot != std::string_view::npos) clue.file = look_up(kFileEndings, file.substr(dot));
  return clue;
}

HttpPathClass http_host_class(std::string_view host) {
  const std::size_t dot = host.find('.');
  return dot == std::string_view::npos ? other : look_up(kHosts, host.substr(0, dot));
}

HttpPathClass http_content_class(std::string_view content_type) { return look_up(kContentTypes, next_word(content_type, ';')); }

HttpPathClass http_path_class(const HttpPathClue& clue, HttpPathClass content, std::string_view host) {
  // What certificate services publish is told by its file: a revocation list lies beside the certificates.
  if (clue.service != other && clue.service != root_certificate) return clue.service;
  if (clue.file != other) return clue.file;
  if (clue.service != other) return clue.service;
  if (content != other) return content;
  return http_host_class(host);
}

}  // namespace sealtrace
