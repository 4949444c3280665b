// Media whose signalling nobody read: what its packets cannot tell, and where the signalling may be.
#pragma once

#include <vector>

#include "model/audit.hpp"
#include "report/blind_spots.hpp"

namespace sealtrace {

/// add_media_blind_spots adds at most one for each place where the signalling of media may be: inside TLS that was not opened, in SIP that
/// was read and does not name the media, or nowhere in the captures. Each names its legs.
void add_media_blind_spots(const AuditResult& audit, std::vector<BlindSpot>& spots);

}  // namespace sealtrace
