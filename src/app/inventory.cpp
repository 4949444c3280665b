#include "app/inventory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "app/inventory_listing.hpp"
#include "app/inventory_text.hpp"
#include "app/listing_words.hpp"
#include "app/text_encoding.hpp"
#include "crypto/certificate_bundle.hpp"
#include "crypto/certificate_fields.hpp"
#include "crypto/digest.hpp"
#include "model/ascii.hpp"
#include "model/host_roles.hpp"
#include "policy/certificate_uses.hpp"

namespace sealtrace {
namespace {

namespace fs = std::filesystem;

RoleSet only(std::initializer_list<Role> list) {
  RoleSet roles;
  for (const Role role : list) roles.set(static_cast<std::size_t>(role));
  return roles;
}

/// roles_for narrows the roles of a host to those that a usage belongs to: an Edge Server has several services, each with its certificate.
RoleSet roles_for(const RoleSet& roles, CertificateUsage usage) {
  switch (usage) {
    case CertificateUsage::access_edge_external:
    case CertificateUsage::xmpp_server: return roles & only({Role::edge_access});
    case CertificateUsage::data_edge_external: return roles & only({Role::edge_web_conferencing});
    case CertificateUsage::audio_video_authentication:
      return roles & only({Role::edge_av, Role::edge_access, Role::edge_web_conferencing, Role::edge_internal});
    case CertificateUsage::edge_internal: return roles & only({Role::edge_internal});
    case CertificateUsage::web_publishing: return roles & only({Role::reverse_proxy});
    case CertificateUsage::standard:
    case CertificateUsage::web_services_internal:
    case CertificateUsage::web_services_external:
    case CertificateUsage::oauth_token_issuer:
    case CertificateUsage::unknown: return roles;
  }
  return roles;
}

/// usage_of_roles is what the only certificate of a host is for.
CertificateUsage usage_of_roles(const RoleSet& roles) {
  const RoleSet edge = only({Role::edge_access, Role::edge_web_conferencing, Role::edge_av, Role::edge_internal});
  if ((roles & edge).any()) return CertificateUsage::unknown;
  return roles == only({Role::reverse_proxy}) ? CertificateUsage::web_publishing : CertificateUsage::standard;
}

/// usages_needed lists what a server cannot do without. Web services may be served by the default certificate: whether it has their names
/// is a rule of its own.
std::vector<CertificateUsage> usages_needed(const RoleSet& roles) {
  const auto any_of = [&](std::initializer_list<Role> list) { return (roles & only(list)).any(); };
  std::vector<CertificateUsage> needed;
  if (any_of({Role::front_end, Role::standard_edition, Role::director, Role::mediation_server, Role::survivable_branch,
              Role::persistent_chat}))
    needed.push_back(CertificateUsage::standard);
  if (any_of({Role::front_end, Role::standard_edition})) needed.push_back(CertificateUsage::oauth_token_issuer);
  if (any_of({Role::edge_access})) needed.push_back(CertificateUsage::access_edge_external);
  if (any_of({Role::edge_web_conferencing})) needed.push_back(CertificateUsage::data_edge_external);
  if (any_of({Role::edge_av})) needed.push_back(CertificateUsage::audio_video_authentication);
  if (any_of({Role::edge_internal})) needed.push_back(CertificateUsage::edge_internal);
  return needed;
}

/// serial_and_issuer names a certificate where there is no thumbprint; empty when it cannot.
std::string serial_and_issuer(const CertificateFields& fields) {
  if (fields.serial.empty() || fields.issuer.empty()) return {};
  const std::size_t first = std::min(fields.serial.find_first_not_of('0'), fields.serial.size() - 1);
  return fmt::format("{}|{}", fields.serial.substr(first), name_key(fields.issuer));
}

class Reader {
 public:
  Reader(const Topology& topology, std::string_view password) : topology_{topology}, password_{password} {
    const std::vector<RoleSet> roles = host_roles(topology);
    for (std::size_t i = 0; i < topology.hosts.size(); ++i) {
      RoleSet all = roles[i];
      for (const HostAddress& address : topology.hosts[i].addresses) all |= address.roles;
      hosts_[topology.hosts[i].fqdn] = all;
    }
  }

  Inventory read(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) read_path(path);
    match_listings();
    note_missing_usages();
    return std::move(inventory_);
  }

 private:
  void read_path(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return read_file(path);
    std::vector<fs::path> files;
    for (auto entry = fs::recursive_directory_iterator{path, error}; !error && entry != fs::recursive_directory_iterator{};
         entry.increment(error)) {
      if (entry->is_regular_file(error)) files.push_back(entry->path());
    }
    if (error) problem(path, error.message());
    std::ranges::sort(files);
    for (const fs::path& file : files) {
      if (++num_seen_ > kMaxInventoryFiles) return problem(path, fmt::format("more than {} files", kMaxInventoryFiles));
      if (!file.filename().string().starts_with('.')) read_file(file);
    }
  }

  void read_file(const fs::path& path) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(path, error);
    if (error) return problem(path, error.message());
    if (size > kMaxInventoryFileBytes) return problem(path, "too large for an inventory");
    std::ifstream file{path, std::ios::binary};
    if (!file) return problem(path, "cannot be opened");
    const std::string content = utf8_text(std::string{std::istreambuf_iterator<char>{file}, {}});
    const std::string ending = lower(path.extension().string());
    if (ending == ".csv") return read_listing(path, parse_certificate_csv(content, path.filename().string()));
    if (ending == ".json") return read_listing(path, parse_certificate_json(content, path.filename().string()));
    const CertificateBundle bundle = read_bundle(as_bytes(content), password_);
    // Words are looked at even where there are certificates: one that stands within the words of another is of who wrote those.
    if (bundle.certificates.empty() || is_openssl_text(content)) {
      CertificateListing words = parse_certificate_text(content, path.filename().string());
      if (words.contradicts_itself) return problem(path, words.error);
      if (bundle.certificates.empty() && words.error.empty()) return read_words(path, std::move(words));
    }
    if (!bundle.error.empty()) problem(path, bundle.error);
    if (bundle.certificates.empty()) return;
    ++inventory_.num_files;
    if (bundle.private_key == PrivateKeyState::differs) note(path, "the private key in this file is of another certificate");
    if (bundle.private_key == PrivateKeyState::matches)
      note(path, "holds the private key of its certificate; it matches, and was not kept");
    add_bundle(path, bundle);
  }

  /// add_bundle splits what a file holds into chains: who follows as the issuer of the one before belongs to it.
  void add_bundle(const fs::path& path, const CertificateBundle& bundle) {
    std::vector<std::vector<std::uint32_t>> chains;
    std::string wanted;
    for (const std::vector<std::uint8_t>& der : bundle.certificates) {
      const std::uint32_t index = intern(der);
      const CertificateFields fields = read_certificate(der);
      if (const std::string name = serial_and_issuer(fields); !name.empty()) by_serial_.try_emplace(name, index);
      const bool continues = !chains.empty() && !wanted.empty() && fields.subject == wanted && fields.certificate_authority.value_or(false);
      if (!continues) chains.emplace_back();
      chains.back().push_back(index);
      wanted = fields.self_issued ? std::string{} : fields.issuer;
      if (!continues && fields.certificate_authority.value_or(false)) chains.pop_back();  // a CA's own: kept, not used by a server
    }
    const std::string holder = holder_of(path);
    if (holder.empty()) return;
    for (const std::vector<std::uint32_t>& chain : chains) add_uses(holder, path.stem().string(), chain, path.string());
  }

  void add_uses(const std::string& holder, std::string_view name, const std::vector<std::uint32_t>& chain, const std::string& source) {
    const RoleSet& roles = hosts_.at(holder);
    std::vector<CertificateUsage> usages = usages_named(name);
    if (usages.empty()) usages.push_back(usage_of_roles(roles));
    for (const CertificateUsage usage : usages) add_use(holder, usage, chain, source, std::nullopt);
  }

  void add_use(const std::string& holder, CertificateUsage usage, std::vector<std::uint32_t> chain, std::string source,
               std::optional<Timestamp> effective) {
    CertificateUse use;
    use.usage = usage;
    use.of_inventory = true;
    use.holder = holder;
    use.roles = roles_for(hosts_.at(holder), usage);
    use.pool = pool_of(topology_, holder);
    use.chain = std::move(chain);
    use.source = std::move(source);
    use.effective = effective;
    inventory_.uses.push_back(std::move(use));
  }

  /// holder_of finds the host after which the file or the nearest folder is named.
  [[nodiscard]] std::string holder_of(const fs::path& path) const {
    const std::string file = lower(path.filename().string());
    const std::string stem = lower(path.stem().string());
    if (hosts_.contains(stem)) return stem;
    if (hosts_.contains(file)) return file;
    for (fs::path folder = path.parent_path(); !folder.empty() && folder != folder.parent_path(); folder = folder.parent_path()) {
      if (const std::string name = lower(folder.filename().string()); hosts_.contains(name)) return name;
    }
    return {};
  }

  void read_listing(const fs::path& path, CertificateListing listing) {
    if (!listing.error.empty()) return problem(path, listing.error);
    ++inventory_.num_files;
    for (ListedCertificate& entry : listing.entries) {
      if (entry.server.empty()) entry.server = holder_of(path);
      if (hosts_.contains(entry.server)) usages_listed_[entry.server].insert(entry.usage);
      listings_.push_back(std::move(entry));
    }
  }

  /// read_words: the words of one certificate in a file that is named after a usage or a server say who has it for what; a whole store
  /// does not.
  void read_words(const fs::path& path, CertificateListing words) {
    ++inventory_.num_files;
    const std::string holder = holder_of(path);
    std::vector<CertificateUsage> usages = usages_named(path.stem().string());
    const bool of_server = !holder.empty() && (holder == lower(path.stem().string()) || holder == lower(path.filename().string()));
    if (usages.empty() && of_server) usages.push_back(usage_of_roles(hosts_.at(holder)));
    if (words.entries.size() != 1) usages.clear();
    for (ListedCertificate& entry : words.entries) {
      if (!entry.remarks.empty()) note(path, fmt::format("{}: {}", entry.fields.subject, entry.remarks));
      if (holder.empty() || usages.empty()) {
        named_.push_back(std::move(entry));
        continue;
      }
      entry.server = holder;
      for (const CertificateUsage usage : usages) {
        entry.usage = usage;
        listings_.push_back(entry);
      }
    }
  }

  /// find_listed finds the certificate that an entry speaks of, by thumbprint, else by serial and issuer; else it is what the entry says.
  std::uint32_t find_listed(const ListedCertificate& entry) {
    if (const auto found = by_thumbprint_.find(entry.thumbprint); !entry.thumbprint.empty() && found != by_thumbprint_.end())
      return found->second;
    const std::string name = serial_and_issuer(entry.fields);
    const auto found = by_serial_.find(name);
    if (!name.empty() && found != by_serial_.end() && may_be(entry, found->second)) return found->second;
    const auto index = static_cast<std::uint32_t>(inventory_.certificates.size());
    inventory_.certificates.emplace_back();
    inventory_.listed.emplace(index, entry.fields);
    inventory_.thumbprints.push_back(entry.thumbprint);
    inventory_.named_in.emplace_back();
    if (!entry.thumbprint.empty()) by_thumbprint_.emplace(entry.thumbprint, index);
    if (!name.empty()) by_serial_.try_emplace(name, index);
    return index;
  }

  /// may_be: two thumbprints that are both known and differ are of two certificates, whatever their serial numbers.
  [[nodiscard]] bool may_be(const ListedCertificate& entry, std::uint32_t index) const {
    const bool both_listed = inventory_.certificates[index].empty();
    return entry.thumbprint.empty() || (both_listed && inventory_.thumbprints[index].empty());
  }

  /// match_listings finds the certificates that lists name among those that were read.
  void match_listings() {
    for (const ListedCertificate& entry : named_) {
      const std::uint32_t index = find_listed(entry);
      if (inventory_.certificates[index].empty() && inventory_.named_in[index].empty())
        inventory_.notes.push_back(fmt::format("{}: {} is listed without the certificate itself", entry.source, entry.fields.subject));
      inventory_.named_in[index].push_back(entry.remarks.empty() ? entry.source : fmt::format("{} ({})", entry.source, entry.remarks));
    }
    for (ListedCertificate& entry : listings_) {
      const std::uint32_t index = find_listed(entry);
      const auto host = hosts_.find(entry.server);
      if (host == hosts_.end()) {
        inventory_.notes.push_back(fmt::format("{}: {} is no host of the topology; its certificate is listed only", entry.source,
                                               entry.server.empty() ? "the server" : entry.server));
        continue;
      }
      add_use(entry.server, entry.usage, {index}, entry.source, entry.effective);
    }
  }

  /// note_missing_usages: a list of Get-CsCertificate names every usage of a server, so what it leaves out has no certificate.
  void note_missing_usages() {
    for (const auto& [server, listed] : usages_listed_) {
      for (const CertificateUsage usage : usages_needed(hosts_.at(server))) {
        if (!listed.contains(usage))
          inventory_.problems.push_back(fmt::format("{}: its list names no certificate for {}", server, to_string(usage)));
      }
    }
  }

  std::uint32_t intern(const std::vector<std::uint8_t>& der) {
    const auto [place, fresh] = by_digest_.try_emplace(sha256(der), static_cast<std::uint32_t>(inventory_.certificates.size()));
    if (fresh) {
      inventory_.certificates.push_back(der);
      inventory_.thumbprints.emplace_back();
      inventory_.named_in.emplace_back();
      by_thumbprint_.try_emplace(sha1_thumbprint(der), place->second);
    }
    return place->second;
  }

  void problem(const fs::path& path, std::string_view what) { inventory_.problems.push_back(fmt::format("{}: {}", path.string(), what)); }
  void note(const fs::path& path, std::string_view what) { inventory_.notes.push_back(fmt::format("{}: {}", path.string(), what)); }

  const Topology& topology_;
  std::string_view password_;
  std::map<std::string, RoleSet, std::less<>> hosts_;
  std::map<Sha256, std::uint32_t> by_digest_;
  std::map<std::string, std::uint32_t, std::less<>> by_thumbprint_;
  std::map<std::string, std::uint32_t, std::less<>> by_serial_;
  std::vector<ListedCertificate> listings_;
  std::map<std::string, std::set<CertificateUsage>> usages_listed_;  ///< by server, of lists that name every usage
  std::vector<ListedCertificate> named_;                             ///< by words that do not say for what
  std::size_t num_seen_ = 0;
  Inventory inventory_;
};

std::string bare(std::string_view word) {
  std::string text;
  for (const char c : lower(word)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) text.push_back(c);
  }
  return text;
}

}  // namespace

std::vector<CertificateUsage> usages_named(std::string_view name) {
  std::vector<CertificateUsage> usages;
  while (!name.empty()) {
    const std::size_t plus = name.find('+');
    const std::string word = bare(name.substr(0, plus));
    name = plus == std::string_view::npos ? std::string_view{} : name.substr(plus + 1);
    if (word == "external") {
      usages.insert(usages.end(), {CertificateUsage::access_edge_external, CertificateUsage::data_edge_external,
                                   CertificateUsage::audio_video_authentication});
      continue;
    }
    if (word == "internal") {  // Get-CsCertificate's word for the inner side of an Edge Server
      usages.push_back(CertificateUsage::edge_internal);
      continue;
    }
    std::size_t usage = 0;
    while (usage < kCertificateUsageNames.size() && bare(kCertificateUsageNames[usage]) != word) ++usage;
    if (usage >= static_cast<std::size_t>(CertificateUsage::unknown)) return {};
    usages.push_back(static_cast<CertificateUsage>(usage));
  }
  return usages;
}

Inventory read_inventory(const std::vector<std::string>& paths, const Topology& topology, std::string_view password) {
  return Reader{topology, password}.read(paths);
}

}  // namespace sealtrace
