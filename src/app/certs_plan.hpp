// certificate_plan: what certificates a deployment will need, before any is requested.
#pragma once

#include <string>

#include "model/topology.hpp"

namespace sealtrace {

/// certificate_plan lists per server and usage the subject, the subject alternative names, key and purposes, each with a request
/// configuration for OpenSSL. Names that the topology does not hold (simple URLs, web and edge services) are comments to fill in.
std::string certificate_plan(const Topology& topology);

}  // namespace sealtrace
