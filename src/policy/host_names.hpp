// HostNames: what DNS answers, certificates and TLS server names call an address. Names are claims of the wire: they serve proposals only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/audit.hpp"
#include "model/ip_address.hpp"
#include "model/seeded_hash.hpp"
#include "policy/propose_evidence.hpp"

namespace sealtrace {

inline constexpr std::size_t kMaxNamesOfAddress = 16;   ///< a web farm's address has more, and none of them is the host's
inline constexpr std::size_t kMaxAddressesOfName = 64;  ///< a pool under DNS load balancing has one for each member
inline constexpr std::size_t kMaxAliasesOfName = 16;    ///< CNAME and SRV records that point at one host

struct IpAddressHash {
  using is_avalanching = void;
  SeededHash hash;
  std::uint64_t operator()(const IpAddress& address) const { return hash(address); }
};

struct TextHash {
  using is_avalanching = void;
  SeededHash hash;
  std::uint64_t operator()(std::string_view text) const { return hash(text); }
};

using HintSink = std::function<void(const IpAddress&, const RoleHint&)>;

/// HostNames borrows the flows that are added.
class HostNames {
 public:
  void add(LeafNames& leaves, const FlowProfile& flow);
  /// fetch_soon and fetch_next ask for what `add` will read of a flow (model/fetched).
  static void fetch_soon(const FlowProfile& flow);
  static void fetch_next(const FlowProfile& flow);

  /// name_of gives the best host name of an address, in lower case: DNS before certificates before server names that clients asked for, a
  /// host's own before a service's (sip, meet), one of few addresses before a pool's. Empty for none that is a host name.
  [[nodiscard]] std::string name_of(const IpAddress& address) const;

  /// for_each_hint gives what names in DNS tell of addresses: their own, those of aliases, and SRV records that point at them.
  void for_each_hint(const HintSink& sink) const;

 private:
  enum class Source : std::uint8_t { dns, certificate, server_name };
  struct Named {
    std::string_view name;
    const FlowProfile* flow = nullptr;
    Source source{};
  };
  /// Pointer is a record that points at a host name: an alias, or a service.
  struct Pointer {
    std::string_view owner;
    const FlowProfile* flow = nullptr;
    bool service = false;
  };

  void add_dns(const FlowProfile& flow);
  void add_tls(LeafNames& leaves, const FlowProfile& flow);
  /// add keeps a name unless the source has given it before; append does not ask.
  void add(const IpAddress& address, const Named& named);
  void append(const IpAddress& address, const Named& named);
  [[nodiscard]] std::size_t num_addresses_of(std::string_view name) const;
  /// hint_by_own_name says `hint` of the address if DNS gave it the name that the hint is about, with the frame that did.
  void hint_by_own_name(const IpAddress& address, RoleHint hint, const HintSink& sink) const;

  boost::unordered_flat_map<IpAddress, std::vector<Named>, IpAddressHash> by_address_;
  boost::unordered_flat_map<std::string_view, std::vector<IpAddress>, TextHash> by_name_;  ///< of DNS
  boost::unordered_flat_map<std::string_view, std::vector<Pointer>, TextHash> pointers_;   ///< by target
};

}  // namespace sealtrace
