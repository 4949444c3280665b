#include "dissectors/sip/sip_head.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "dissectors/sip/sip_script.hpp"
#include "proto/text_head.hpp"

namespace sealtrace {
namespace {

using sip_testing::hops_of;
using sip_testing::kinds_of;
using sip_testing::message_of;

/// kTortuous is RFC 4475 section 3.1.1.1: folded lines, odd cases, compact names, several Vias in one field, escapes, an unknown field.
std::string tortuous() {
  return message_of(
      {"INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0",
       "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n",
       "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8", "MaX-fOrWaRdS: 0068",
       "Call-ID: wsinv.ndaksdj@192.0.2.1", "Content-Length   : 150", "cseq: 0009\r\n  INVITE",
       "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw",
       "s :", "NewFangledHeader:   newfangled value\r\n continued newfangled value", "UnknownHeaderWithUnusualValue: ;;,,;;,;",
       "Content-Type: application/sdp", "Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>",
       "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; "
       "branch=\r\n z9hG4bK30239",
       "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33"});
}

TEST(SipHead, ReadsTheTortuousInvite) {
  const std::string octets = tortuous();
  const auto head = parse_sip_head(as_bytes(octets), 7);
  ASSERT_TRUE(head) << head.error().field;
  const SipMessage& message = head->message;
  EXPECT_TRUE(message.request);
  EXPECT_EQ(message.method, SipMethod::invite);
  EXPECT_EQ(message.num_vias, 3);
  EXPECT_EQ(message.via_transports.count(), 2U);
  EXPECT_EQ(head->names.request_domain, "chair-dnrc.example.com");
  EXPECT_EQ(head->names.to_domain, "chair-dnrc.example.com");
  EXPECT_EQ(head->names.from_domain, "example.com");
  EXPECT_EQ(head->names.contact_host, "example.com");
  EXPECT_EQ(hops_of(head->names.via), "udp/192.0.2.2, tcp/spindle.example.com, udp/192.168.255.111");
  EXPECT_NE(head->dialog.call_id, OpaqueHash{});
  EXPECT_TRUE(head->content_length.present);
  EXPECT_EQ(head->content_length.bytes, 150U);
  EXPECT_EQ(head->body.kind, SipBodyKind::sdp);
  EXPECT_TRUE(head->complete);
  EXPECT_EQ(head->length, octets.size());
}

TEST(SipHead, KeepsHashesOfWhatNamesACallBeyondItsDialog) {
  const auto dialog_of = [](std::string_view fields) {
    const std::string octets = "INVITE sip:a@b.c SIP/2.0\r\n" + std::string{fields} + "\r\n";
    const auto head = parse_sip_head(as_bytes(octets), 7);
    EXPECT_TRUE(head) << fields;
    return head ? head->dialog : SipDialog{};
  };
  const SipDialog one = dialog_of(
      "Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000\r\n"
      "P-Charging-Vector: icid-value=\"AyretyU0dm+6O2IrT5tAFrbHLso=\";icid-generated-at=192.0.2.8\r\n");
  const SipDialog other = dialog_of(
      "session-id : ab30317f1a784dc48ff824d0d3715d86 ; remote=47755a9de7794ba387653f2099600ef2\r\n"
      "P-Charging-Vector: orig-ioi=a.com; icid-value=AyretyU0dm+6O2IrT5tAFrbHLso=\r\n");
  EXPECT_NE(one.session_id, OpaqueHash{});
  EXPECT_EQ(one.session_id, other.session_id) << "the sender's half is the same";
  EXPECT_NE(one.charging_id, OpaqueHash{});
  EXPECT_EQ(one.charging_id, other.charging_id);
  for (const std::string_view none :
       {"Session-ID: 00000000000000000000000000000000;remote=ab30317f1a784dc48ff824d0d3715d86\r\n", "Session-ID: short\r\n",
        "Session-ID:\r\n", "P-Charging-Vector: icid-generated-at=a\r\n", "P-Charging-Vector: icid-value=\r\n"}) {
    EXPECT_EQ(dialog_of(none).session_id, OpaqueHash{}) << none;
    EXPECT_EQ(dialog_of(none).charging_id, OpaqueHash{}) << none;
  }
}

TEST(SipHead, ACutHeadIsNeverWhole) {
  const std::string octets = tortuous();
  for (std::size_t length = 0; length < octets.size(); ++length) {
    const Bytes cut = as_bytes(octets).first(length);
    const auto head = parse_sip_head(cut, 7);
    ASSERT_FALSE(head) << length;
    EXPECT_EQ(head.error().code, ParseErrorCode::need_more) << length;
    EXPECT_EQ(find_sip_head_end(cut, 0), 0U) << length;
    if (const auto readable = parse_sip_head_cut(cut, 7)) {
      EXPECT_EQ(readable->message.method, SipMethod::invite);
      EXPECT_EQ(readable->length, 0U);
    }
  }
  EXPECT_EQ(find_sip_head_end(as_bytes(octets), 0), octets.size());
  EXPECT_EQ(find_sip_head_end(as_bytes(octets), octets.size() - 3), octets.size());
}

std::string head_of(std::string_view start, std::initializer_list<std::string_view> fields) {
  std::string text{start};
  text += "\r\n";
  for (const std::string_view field : fields) (text += field) += "\r\n";
  return text += "\r\n";
}

TEST(SipHead, TellsInstantMessagesFromPresenceByHead) {
  struct Case {
    std::string_view name;
    std::string head;
    std::string_view kinds;
  };
  const std::string_view invite = "INVITE sip:a@contoso.com SIP/2.0";
  const Case cases[] = {
      {"MESSAGE", head_of("MESSAGE sip:a@contoso.com SIP/2.0", {"Content-Type: text/plain"}), "im"},
      {"its response", head_of("SIP/2.0 200 OK", {"CSeq: 1 MESSAGE"}), "im"},
      {"text of Lync in a field", head_of(invite, {"ms-text-format: text/plain; charset=UTF-8;msgr=WAAt;ms-body=SGk="}), "im"},
      {"text of Lync in Content-Type", head_of(invite, {"c: text/plain;ms-body=SGk="}), "im"},
      {"text in the body of an INVITE", head_of(invite, {"Content-Type: text/plain"}), "im"},
      {"an INVITE", head_of(invite, {"Content-Type: application/sdp"}), ""},
      {"that text is understood says nothing", head_of(invite, {"Supported: ms-text-format"}), ""},
      {"text in the body of an INFO", head_of("INFO sip:a@b SIP/2.0", {"Content-Type: text/plain"}), ""},
      {"SUBSCRIBE to presence", head_of("SUBSCRIBE sip:a@b SIP/2.0", {"Event: presence"}), "presence"},
      {"compact, with a template and parameters", head_of("NOTIFY sip:a@b SIP/2.0", {"o: presence.winfo;id=1"}), "presence"},
      {"SUBSCRIBE to something else", head_of("SUBSCRIBE sip:a@b SIP/2.0", {"Event: message-summary"}), ""},
      {"an event that only begins so", head_of("SUBSCRIBE sip:a@b SIP/2.0", {"Event: presencefoo"}), ""},
      {"PUBLISH of a document", head_of("PUBLISH sip:a@b SIP/2.0", {"Content-Type: application/pidf+xml"}), "presence"},
      {"SERVICE that publishes", head_of("SERVICE sip:a@b SIP/2.0", {"Content-Type: application/msrtc-category-publish+xml"}), "presence"},
      {"SERVICE of another kind", head_of("SERVICE sip:a@b SIP/2.0", {"Content-Type: application/SOAP+xml"}), ""},
      {"BENOTIFY of one's own presence", head_of("BENOTIFY sip:a@b SIP/2.0", {"Event: vnd-microsoft-roaming-self"}), "presence"},
      {"a response to SUBSCRIBE", head_of("SIP/2.0 200 OK", {"CSeq: 5 SUBSCRIBE", "Event: presence"}), "presence"},
      {"a REGISTER with an event", head_of("REGISTER sip:a SIP/2.0", {"Event: presence"}), ""},
  };
  for (const Case& c : cases) {
    const auto head = parse_sip_head(as_bytes(c.head), 7);
    ASSERT_TRUE(head) << c.name << ": " << head.error().field;
    EXPECT_EQ(kinds_of(head->message), c.kinds) << c.name;
  }
}

TEST(SipHead, ReadsRoutesContactsAndPromises) {
  const std::string octets =
      head_of("INVITE sips:bob@biloxi.com SIP/2.0", {"Record-Route: <sip:p2.example.com;transport=tls;lr>, <sips:p1.example.com;lr>",
                                                     "record-route: \"a, b\" <sip:[2001:db8::1];lr>",
                                                     "Contact: <sip:alice@pc33.atlanta.com>;expires=3600, <sips:alice@pc34.atlanta.com>",
                                                     "User-Agent: UCCAPI/15.0 \x01(Lync)", "Server: not of a request"});
  const auto head = parse_sip_head(as_bytes(octets), 7);
  ASSERT_TRUE(head);
  EXPECT_TRUE(head->message.sips_request_uri);
  EXPECT_TRUE(head->message.sips_contact);
  EXPECT_EQ(hops_of(head->names.record_route), "tls/p2.example.com, sips none/p1.example.com, none/2001:db8::1");
  EXPECT_EQ(head->names.contact_host, "pc33.atlanta.com");
  EXPECT_EQ(SipName::of_product(head->names.product).text(), "UCCAPI/15.0 ?(Lync)");
  EXPECT_FALSE(head->complete);
  const std::string answer = head_of("SIP/2.0 200 OK", {"Server: Kamailio", "User-Agent: not of a response", "CSeq: 4711 PRACK"});
  const auto response = parse_sip_head(as_bytes(answer), 7);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->names.product, "Kamailio");
  EXPECT_EQ(response->message.method, SipMethod::prack);
}

TEST(SipHead, SaysWhatContentLengthSays) {
  struct Case {
    std::string_view name;
    std::initializer_list<std::string_view> fields;
    bool present;
    bool malformed;
    std::uint32_t bytes;
  };
  const Case cases[] = {
      {"none", {}, false, false, 0},
      {"compact", {"l: 42"}, true, false, 42},
      {"the same twice", {"Content-Length: 42", "l: 42"}, true, false, 42},
      {"two that differ", {"Content-Length: 42", "l: 0"}, true, true, 0},
      {"negative", {"Content-Length: -999"}, true, true, 0},
      {"above the bound", {"Content-Length: 8388609"}, true, true, 0},
      {"overflow", {"Content-Length: 99999999999999999999"}, true, true, 0},
      {"hexadecimal", {"Content-Length: 0x10"}, true, true, 0},
      {"empty", {"Content-Length:"}, true, true, 0},
      {"a list", {"Content-Length: 1, 1"}, true, true, 0},
      {"leading zeros", {"Content-Length: 00000042"}, true, false, 42},
  };
  for (const Case& c : cases) {
    const std::string octets = head_of("BYE sip:a@b SIP/2.0", c.fields);
    const auto head = parse_sip_head(as_bytes(octets), 7);
    ASSERT_TRUE(head) << c.name;
    EXPECT_EQ(head->content_length.present, c.present) << c.name;
    EXPECT_EQ(head->content_length.malformed, c.malformed) << c.name;
    if (c.malformed) continue;
    EXPECT_EQ(head->content_length.bytes, c.bytes) << c.name;
  }
}

TEST(SipHead, KeepsOnlyWhatIsBounded) {
  std::string octets = "OPTIONS sip:a@b SIP/2.0\r\nVia: ";
  for (int i = 0; i < 3000; ++i) octets += "SIP/2.0/UDP h,";
  octets += "x\r\nUser-Agent: " + std::string(5000, 'u') + "\r\nFrom: <sip:" + std::string(5000, 'f') + "@" + std::string(5000, 'h') +
            ">\r\nRecord-Route: " + std::string(100, ',') + "\r\n\r\n";
  const auto head = parse_sip_head(as_bytes(octets), 7);
  ASSERT_TRUE(head) << head.error().field;
  EXPECT_EQ(head->names.via.size(), kMaxSipHops);
  EXPECT_LE(SipName::of_product(head->names.product).text().size(), kMaxProductBytes);
  EXPECT_LE(head->names.from_domain.size(), kMaxHostBytes);
}

}  // namespace
}  // namespace sealtrace
