#include "correlate/ordering.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sealtrace {
namespace {

TEST(NumberFlows, GivesTheSameOrderWhateverWorkersFinishedFirst) {
  std::vector<int> arrival{0, 1, 2, 3, 4};
  do {
    std::vector<FlowProfile> flows;
    for (const int which : arrival) {
      FlowProfile flow;
      flow.start = Timestamp{std::chrono::seconds{which < 2 ? which : 2}};  // the last three begin at one time
      flow.first_capture = CaptureId{which == 4 ? 1U : 0U};
      flow.first_frame = FrameNumber{which < 2 ? 10U : 20U};
      flow.initiator.endpoint.port = static_cast<std::uint16_t>(which);
      flows.push_back(std::move(flow));
    }
    number_flows(flows);
    for (std::size_t at = 0; at < flows.size(); ++at) {
      EXPECT_EQ(flows[at].initiator.endpoint.port, at);
      EXPECT_EQ(value(flows[at].id), at + 1);
    }
  } while (std::ranges::next_permutation(arrival).found);
}

}  // namespace
}  // namespace sealtrace
