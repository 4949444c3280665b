#include "dissectors/http/http_path.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace sealtrace {
namespace {

using enum HttpPathClass;

struct Request {
  std::string_view name;
  std::string_view target;
  HttpPathClass expected{};
  std::string_view host = "web.contoso.com";
  std::string_view content_type{};
};
void PrintTo(const Request& request, std::ostream* out) { *out << request.name; }

class HttpPath : public testing::TestWithParam<Request> {};
TEST_P(HttpPath, HasItsClass) {
  const Request& request = GetParam();
  EXPECT_EQ(http_path_class(http_path_clue(request.target), http_content_class(request.content_type), request.host), request.expected);
}
INSTANTIATE_TEST_SUITE_P(
    Table, HttpPath,
    testing::Values(
        Request{"AddressBook", "/abs/handler", address_book},
        Request{"AddressBookInside", "/ABS/int/Handler/D-0f12-1a1b.lsabs", address_book},
        Request{"AddressBookWithoutSlash", "/abs", address_book}, Request{"AddressBookWithQuery", "/abs?x=/meet/", address_book},
        Request{"NotAWholeSegment", "/absolute/handler", other}, Request{"NotTheFirstSegment", "/x/abs/handler", other},
        Request{"GroupExpansion", "/groupexpansion/service.svc/WebTicket", group_expansion},
        Request{"Collaboration", "/CollabContent/x/y.ppt", meeting_content},
        Request{"DataCollab", "/DataCollabWeb/Ext/Handler", meeting_content},
        Request{"WebApp", "/lwa/WebPages/LwaClient.aspx", meeting_content},
        Request{"MeetingOfOldServers", "/etc/place/null/x", meeting_content}, Request{"NotAllOfItsSegments", "/etc/place", other},
        Request{"SimpleUrl", "/meet/kenmyer/071200", meeting_content},
        Request{"SimpleUrlAsHost", "/kenmyer/071200", meeting_content, "meet.contoso.com"},
        Request{"SimpleUrlBehindADomain", "/contoso.com/Meet/kenmyer/1", meeting_content},
        Request{"Conferencing", "/Conf/Int", web_conferencing}, Request{"Reach", "/Reach/sip.svc", web_conferencing},
        Request{"Autodiscover", "/Autodiscover/AutodiscoverService.svc/root", autodiscover},
        Request{"AutodiscoverByHost", "/?sipuri=sip:x@contoso.com", autodiscover, "lyncdiscover.contoso.com"},
        Request{"AutodiscoverByHostInside", "/", autodiscover, "LyncDiscoverInternal.contoso.com"},
        Request{"ThatHostsServicesStayServices", "/abs/handler", address_book, "lyncdiscover.contoso.com"},
        Request{"AHostOfOneLabelIsNone", "/", other, "meet"}, Request{"WebTicket", "/WebTicket/WebTicketService.svc/mex", web_ticket},
        Request{"CertificateProvisioning", "/CertProv/CertProvisioningService.svc", web_ticket},
        Request{"PassiveAuthentication", "/passiveauth/federationmetadata/2007-06/federationmetadata.xml", web_ticket},
        Request{"Ucwa", "/ucwa/v1/applications", mobility}, Request{"Mcx", "/Mcx/McxService.svc", mobility},
        Request{"DeviceUpdate", "/RequestHandlerExt/ucdevice.upx", device_update},
        Request{"DeviceUpdateFiles", "/DeviceUpdateFiles_Int/UCPhone/x.cat", device_update},
        Request{"IssuerCertificate", "/pki/issuing-ca.crt", root_certificate, "pki.contoso.com"},
        Request{"RootInACollection", "/roots.P7B", root_certificate},
        Request{"CertificateServices", "/certsrv/certnew.asp", root_certificate},
        Request{"RevocationList", "/CertEnroll/Contoso-CA%2B.crl?now", revocation_list},
        Request{"RevocationListAbsoluteForm", "http://crl.contoso.com/x/ca.crl", revocation_list},
        Request{"AFileOfAServiceStaysTheServices", "/meet/x.crl", meeting_content}, Request{"OcspDirectory", "/ocsp/MFQwUjBQ", ocsp},
        Request{"OcspByHost", "/MFQwUjBQ", ocsp, "ocsp.contoso.com"},
        Request{"OcspByContent", "/", ocsp, "pki.contoso.com", "application/ocsp-request"},
        Request{"ServiceByContentStaysService", "/abs/", address_book, "x.contoso.com", "application/ocsp-request"},
        Request{"PercentEncoded", "/%61%62%73/handler", address_book}, Request{"ReservedOctetsStayEncoded", "/abs%2Fhandler", other},
        Request{"DotSegments", "/x/../abs/./handler", address_book}, Request{"DotSegmentsAboveTheRoot", "/../../abs/", address_book},
        Request{"EmptySegments", "//abs/handler", address_book}, Request{"CutEscape", "/abs/%4", address_book},
        Request{"AbsoluteForm", "http://fe01.contoso.com:8080/abs/handler", address_book},
        Request{"AbsoluteFormWithoutPath", "http://abs", other}, Request{"AsteriskForm", "*", other},
        Request{"AuthorityForm", "abs.contoso.com:443", other}, Request{"Empty", "", other},
        Request{"APathThatHoldsAUri", "/x?u=http://h/abs/", other}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(HttpContent, AnswersNameTheirContent) {
  EXPECT_EQ(http_content_class("application/pkix-crl"), revocation_list);
  EXPECT_EQ(http_content_class("Application/OCSP-Response; x=y"), ocsp);
  EXPECT_EQ(http_content_class("application/x-x509-ca-cert"), root_certificate);
  EXPECT_EQ(http_content_class("text/html; charset=utf-8"), other);
  EXPECT_EQ(http_content_class(""), other);
}

}  // namespace
}  // namespace sealtrace
