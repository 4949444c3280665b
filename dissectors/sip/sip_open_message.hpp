// SipOpenMessage: a message whose head was read, until its body has passed.
#pragma once

#include <utility>

#include "dissectors/sip/sip_body.hpp"
#include "dissectors/sip/sip_head.hpp"
#include "dissectors/sip/sip_reports.hpp"

namespace sealtrace {

/// SipOpenMessage holds what the head said and scans the body; the fact follows at the message's end, evidenced by its head.
class SipOpenMessage {
 public:
  SipOpenMessage(SipHead&& head, const SipPlace& place, const SipReports& reports)
      : message_{std::move(head.message)},
        dialog_{head.dialog},
        names_{reports.take_names(head.names, place.sender, message_)},
        scan_{std::move(head.body), reports.hash_key()},
        place_{place} {}

  [[nodiscard]] bool reads_body() const { return scan_.reads(); }
  void take(Bytes octets) { scan_.take(octets); }
  void lose() { scan_.lose(); }
  /// finish reports the message. `whole`: its body ends here and was not cut.
  void finish(bool whole, SipReports& reports, FactSink& facts) {
    SipBodyFindings findings = scan_.finish(whole);
    add_sip_findings(message_, findings);
    for (SdpSession& session : findings.descriptions) reports.on_description(message_, dialog_, std::move(session), place_, facts);
    if (findings.conference_control) reports.on_conference_control(message_.request, place_, facts);
    reports.on_message(std::move(message_), names_, dialog_.call_id, place_, facts);
  }

 private:
  SipMessage message_;
  SipDialog dialog_;
  SipNewNames names_;
  SipBodyScan scan_;
  SipPlace place_;
};

}  // namespace sealtrace
