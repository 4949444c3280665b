// The list of protocols in the order in which they are asked whether a flow is theirs: those with unmistakable first octets before those
// that have to see more. scripts/new-dissector adds to it.
#include "dissect/session.hpp"

namespace sealtrace {

extern const Dissector kEspDissector;
extern const Dissector kEspInUdpDissector;
extern const Dissector kTlsDissector;
extern const Dissector kDtlsDissector;
extern const Dissector kStunDissector;
extern const Dissector kQuicDissector;
extern const Dissector kHttpDissector;
extern const Dissector kHttp2Dissector;
extern const Dissector kSipDissector;
extern const Dissector kXmppDissector;
extern const Dissector kSmbDissector;
extern const Dissector kTdsDissector;
extern const Dissector kLdapDissector;
extern const Dissector kDnsDissector;
extern const Dissector kMdnsDissector;
extern const Dissector kLlmnrDissector;
extern const Dissector kNbnsDissector;
extern const Dissector kRtpDissector;
extern const Dissector kSignaturesDissector;
extern const Dissector kPostgresqlDissector;
extern const Dissector kMysqlDissector;

namespace {

// clang-format off: one line per protocol
constexpr const Dissector* kDissectors[]{
    &kEspDissector,
    &kTlsDissector,
    &kDtlsDissector,
    &kStunDissector,
    &kQuicDissector,
    &kHttpDissector,
    &kHttp2Dissector,
    &kSipDissector,
    &kXmppDissector,
    &kSmbDissector,
    &kTdsDissector,
    &kLdapDissector,
    &kDnsDissector,
    &kMdnsDissector,
    &kLlmnrDissector,
    &kNbnsDissector,
    &kPostgresqlDissector,
    &kMysqlDissector,
    // Tentative ones are asked last.
    &kRtpDissector,
    &kEspInUdpDissector,
    &kSignaturesDissector,
};
// clang-format on

}  // namespace

std::span<const Dissector* const> all_dissectors() { return kDissectors; }

}  // namespace sealtrace
