// The list of protocols in the order in which they are asked whether a flow is theirs. scripts/new-dissector adds to it.
#include "dissect/session.hpp"

namespace sealtrace {

extern const Dissector kTlsDissector;
extern const Dissector kDtlsDissector;
extern const Dissector kSipDissector;
extern const Dissector kHttpDissector;
extern const Dissector kHttp2Dissector;
extern const Dissector kXmppDissector;
extern const Dissector kLdapDissector;
extern const Dissector kStunDissector;
extern const Dissector kRtpDissector;

namespace {

constexpr const Dissector* kDissectors[]{
    &kTlsDissector,
    &kDtlsDissector,
    &kSipDissector,
    &kHttpDissector,
    &kHttp2Dissector,
    &kXmppDissector,
    &kLdapDissector,
    &kStunDissector,
    &kRtpDissector,
};

}  // namespace

std::span<const Dissector* const> all_dissectors() { return kDissectors; }

}  // namespace sealtrace
