// The list of protocols in the order in which they are asked whether a flow is theirs. scripts/new-dissector adds to it.
#include "dissect/session.hpp"

namespace sealtrace {

extern const Dissector kTlsDissector;
extern const Dissector kDtlsDissector;
extern const Dissector kSmbDissector;
extern const Dissector kTdsDissector;
extern const Dissector kDnsDissector;
extern const Dissector kMdnsDissector;
extern const Dissector kLlmnrDissector;
extern const Dissector kNbnsDissector;
extern const Dissector kSignaturesDissector;

namespace {

constexpr const Dissector* kDissectors[]{
    &kTlsDissector,
    &kDtlsDissector,
    &kSmbDissector,
    &kTdsDissector,
    &kDnsDissector,
    &kMdnsDissector,
    &kLlmnrDissector,
    &kNbnsDissector,
    &kSignaturesDissector,
};

}  // namespace

std::span<const Dissector* const> all_dissectors() { return kDissectors; }

}  // namespace sealtrace
