#include "policy/certificate_checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "model/ascii.hpp"
#include "model/ip_address.hpp"
#include "policy/required_names.hpp"

namespace sealtrace {
namespace {

using Kind = CheckAnswer::Kind;

CheckAnswer met() { return {.kind = Kind::met, .what = {}}; }
CheckAnswer met_not(std::string what) { return {.kind = Kind::met_not, .what = std::move(what)}; }
CheckAnswer open(std::string what) { return {.kind = Kind::open, .what = std::move(what)}; }
CheckAnswer met_if(bool holds, std::string_view otherwise) { return holds ? met() : met_not(std::string{otherwise}); }

bool contains(const std::vector<std::string>& list, std::string_view value) { return std::ranges::find(list, value) != list.end(); }

std::string date(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day ymd{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                     static_cast<unsigned>(ymd.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

bool is_wildcard(std::string_view name) { return name.starts_with("*."); }

/// looks_like_host tells a common name that is meant as a name of a host from one in words.
bool looks_like_host(std::string_view name) {
  const auto of_host = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  const std::string_view bare = is_wildcard(name) ? name.substr(2) : name;
  return bare.find('.') != std::string_view::npos && std::ranges::all_of(bare, of_host);
}

bool covers(const CertificateFields& leaf, std::string_view name, bool subject_counts) {
  const auto matches = [&](const std::string& presented) { return name_matches(presented, name); };
  return std::ranges::any_of(leaf.dns_names, matches) || (subject_counts && std::ranges::any_of(leaf.common_names, matches));
}

/// listed_only tells a certificate of which only an administrator's list speaks: what the list leaves out is not known, and never good.
bool listed_only(const CertificateFields& leaf) { return leaf.version == 0 && leaf.error.empty(); }
CheckAnswer not_listed(std::string_view what) { return open(fmt::format("its list does not say {}", what)); }

bool is_rsa(const CertificateFields& fields) { return fields.public_key_algorithm.starts_with("RSA"); }

CheckAnswer check_eku(const CertificateRule& rule, const CertificateFields& leaf, std::string_view purpose) {
  if (listed_only(leaf)) return not_listed("its purposes");
  if (leaf.extended_key_usage.empty()) return met_if(contains(rule.values, "absent"), "it has no extended key usage at all");
  if (std::ranges::any_of(leaf.extended_key_usage, [&](const std::string& named) { return contains(rule.values, named); })) return met();
  if (contains(leaf.extended_key_usage, purpose) || contains(leaf.extended_key_usage, "anyExtendedKeyUsage")) return met();
  return met_not(fmt::format("its extended key usages are {}", fmt::join(leaf.extended_key_usage, ", ")));
}

/// each_signed asks about the leaf and the intermediates that were sent; what is wrong names the first, else what is not known does.
template <typename Ask>
CheckAnswer each_signed(const CertificateCase& subject, const Ask& ask) {
  CheckAnswer answer = ask(subject.leaf);
  if (answer.kind != Kind::met) answer.what = "it " + answer.what;
  for (const CertificateFields& issuer : subject.issuers) {
    if (answer.kind == Kind::met_not) break;
    CheckAnswer next = ask(issuer);
    if (next.kind == Kind::met || (next.kind == Kind::open && answer.kind == Kind::open)) continue;
    next.what = fmt::format("its issuer's certificate {} {}", issuer.subject, next.what);
    answer = std::move(next);
  }
  return answer;
}

CheckAnswer check_signature_hash(const CertificateRule& rule, const CertificateCase& subject) {
  return each_signed(subject, [&](const CertificateFields& fields) {
    if (contains(rule.values, fields.signature_hash)) return met();
    if (!fields.signature_hash.empty())
      return met_not(fmt::format("is signed with {} ({})", fields.signature_hash, fields.signature_algorithm));
    if (fields.signature_algorithm.empty()) return open("is signed by an algorithm that is not known");
    return open(fmt::format("is signed by {}, which names no hash", fields.signature_algorithm));
  });
}

CheckAnswer check_rsassa_pss(const CertificateCase& subject) {
  return each_signed(subject, [](const CertificateFields& fields) {
    if (fields.signature_algorithm == "rsassaPss") return met_not("is signed with RSASSA-PSS");
    if (fields.public_key_algorithm == "RSA-PSS") return met_not("has a key for RSASSA-PSS alone");
    const bool known = !fields.signature_algorithm.empty() && !fields.public_key_algorithm.empty();
    return known ? met() : open("has a signature or key of which nothing is known");
  });
}

CheckAnswer check_rsa_bits(const CertificateRule& rule, const CertificateCase& subject) {
  return each_signed(subject, [&](const CertificateFields& fields) {
    if (fields.public_key_algorithm.empty()) return open("has a key of which nothing is known");
    if (!is_rsa(fields)) return met();
    if (fields.public_key_bits == 0) return open("has an RSA key of unknown length");
    return met_if(fields.public_key_bits >= rule.at_least, fmt::format("has an RSA key of {} bits", fields.public_key_bits));
  });
}

CheckAnswer check_key_algorithm(const CertificateRule& rule, const CertificateFields& leaf) {
  if (leaf.public_key_algorithm.empty()) return open("nothing is known of its key");
  const bool allowed = leaf.public_key_algorithm == "RSA-PSS" || contains(rule.values, leaf.public_key_algorithm);
  return met_if(allowed, fmt::format("its key is of {}", leaf.public_key_algorithm));
}

CheckAnswer check_key_curve(const CertificateRule& rule, const CertificateFields& leaf) {
  if (!leaf.curve.empty()) return met_if(contains(rule.values, leaf.curve), fmt::format("its key lies on {}", leaf.curve));
  const bool may_have_one = leaf.public_key_algorithm.empty() || leaf.public_key_algorithm == "EC";
  return may_have_one ? open("the curve of its key is not known") : CheckAnswer{};
}

/// check_modulus: a list has no modulus to examine.
CheckAnswer check_modulus(const CertificateFields& leaf, bool flagged, std::string_view otherwise) {
  if (flagged) return met_not(std::string{otherwise});
  return listed_only(leaf) && (leaf.public_key_algorithm.empty() || is_rsa(leaf)) ? not_listed("what its modulus is") : met();
}

CheckAnswer check_exponent(const CertificateRule& rule, const CertificateFields& leaf) {
  const std::string& hex = leaf.public_exponent;
  if (hex.empty()) return leaf.public_key_algorithm.empty() || is_rsa(leaf) ? open("its RSA exponent is not known") : CheckAnswer{};
  constexpr std::size_t kMaxDigits = 16;  // an exponent of more octets is large in any case
  const std::uint64_t low = std::stoull(hex.substr(hex.size() - std::min(hex.size(), kMaxDigits)), nullptr, 16);
  const bool large = hex.size() > kMaxDigits;
  const bool wrong = rule.check == CertificateCheck::exponent_broken ? (!large && low <= 1) || low % 2 == 0 : !large && low < rule.at_least;
  return wrong ? met_not(fmt::format("its RSA exponent is 0x{}", hex)) : met();
}

CheckAnswer check_validity(const CertificateCase& subject) {
  const CertificateFields& leaf = subject.leaf;
  const Timestamp first = subject.use.of_inventory ? subject.now : subject.use.first_seen;
  const Timestamp last = subject.use.of_inventory ? subject.now : subject.use.last_seen;
  const std::string_view when = subject.use.of_inventory ? "today is" : "it was shown on";
  if (leaf.not_after && last > *leaf.not_after)
    return met_not(fmt::format("it ended on {} and {} {}", date(*leaf.not_after), when, date(last)));
  const bool staged = subject.use.effective && *subject.use.effective > subject.now;  // for a roll: it has time
  if (!staged && leaf.not_before && first < *leaf.not_before)
    return met_not(fmt::format("it begins on {} and {} {}", date(*leaf.not_before), when, date(first)));
  return leaf.not_after && (staged || leaf.not_before) ? met() : open("its dates are not known");
}

CheckAnswer check_expiry(const CertificateRule& rule, const CertificateCase& subject) {
  if (!subject.leaf.not_after) return open("its dates are not known");
  const Timestamp end = *subject.leaf.not_after;
  const Timestamp shown = subject.use.of_inventory ? subject.now : subject.use.last_seen;
  if (shown > end) return {};  // the rule about validity says so
  if (subject.now > end) return met_not(fmt::format("it was valid when shown and has ended since, on {}", date(end)));
  const auto left = std::chrono::floor<std::chrono::days>(end - subject.now).count();
  return left < static_cast<std::int64_t>(rule.at_least) ? met_not(fmt::format("it ends on {}, in {} days", date(end), left)) : met();
}

StoreAnswer answer_of(const ChainOutcome& chain, std::string_view store) {
  return store == "internal" ? chain.internal_ca : store == "public" ? chain.public_ca : chain.partner_ca;
}

CheckAnswer check_chain(const CertificateRule& rule, const CertificateCase& subject) {
  if (listed_only(subject.leaf)) return open("only a list speaks of it");
  const ChainOutcome& chain = subject.chain;
  if (chain.state == ChainState::not_checked) return open("no store of trusted roots was given");
  bool all_given = true;
  for (const std::string& store : rule.values) {
    const StoreAnswer answer = answer_of(chain, store);
    if (answer == StoreAnswer::yes) return met();
    // A partner without a store of its own is judged by the others.
    if (answer == StoreAnswer::absent && store != "partner") all_given = false;
  }
  if (chain.state == ChainState::broken || chain.state == ChainState::self_signed) return met_not(chain.detail);
  if (!all_given) return open(fmt::format("not every store was given that may hold its root ({})", fmt::join(rule.values, ", ")));
  if (chain.state == ChainState::trusted)
    return met_not(fmt::format("its root is in another store than {}", fmt::join(rule.values, " or ")));
  return met_not(chain.detail);
}

CheckAnswer check_intermediate(const ChainOutcome& chain) {
  if (chain.state == ChainState::intermediate_missing) return met_not(chain.detail);
  return chain.state == ChainState::trusted ? met() : CheckAnswer{};
}

CheckAnswer check_subject_in_san(const CertificateFields& leaf) {
  if (listed_only(leaf) && (leaf.common_names.empty() || leaf.dns_names.empty())) return not_listed("its names");
  for (const std::string& name : leaf.common_names) {
    if (!looks_like_host(name)) continue;
    const auto same = [&](const std::string& presented) { return same_word(presented, name); };
    if (leaf.dns_names.empty()) return met_not(fmt::format("its subject is {} and it has no subject alternative names", name));
    const bool covered = !is_wildcard(name) && covers(leaf, lower(name), false);
    if (!covered && std::ranges::none_of(leaf.dns_names, same))
      return met_not(fmt::format("{} is not among its subject alternative names", name));
  }
  return met();
}

CheckAnswer check_wildcard(const CertificateFields& leaf, const std::vector<std::string>& names) {
  if (listed_only(leaf) && names.empty()) return not_listed("its names");
  const auto found = std::ranges::find_if(names, is_wildcard);
  return found == names.end() ? met() : met_not(fmt::format("it names {}", *found));
}

CheckAnswer check_names(const CertificateRule& rule, const CertificateCase& subject) {
  const std::vector<std::string> wanted = required_names(rule.values, subject.use, subject.topology);
  if (wanted.empty()) return open(fmt::format("the topology states no name for {}", fmt::join(rule.values, ", ")));
  std::vector<std::string> missing;
  for (const std::string& name : wanted) {
    if (!covers(subject.leaf, name, rule.check == CertificateCheck::names_or_subject)) missing.push_back(name);
  }
  if (missing.empty()) return met();
  if (listed_only(subject.leaf) && subject.leaf.dns_names.empty()) return not_listed("its names");
  return met_not(fmt::format("it does not name {}", fmt::join(missing, ", ")));
}

/// check_names_any: RFC 5922 section 7.1 takes URIs before DNS names, and the subject only where there is neither.
CheckAnswer check_names_any(const CertificateRule& rule, const CertificateCase& subject) {
  const std::vector<std::string> wanted = required_names(rule.values, subject.use, subject.topology);
  const CertificateFields& leaf = subject.leaf;
  if (wanted.empty()) return {};
  const bool listed = listed_only(leaf);  // no list has URIs
  const bool subject_counts = !listed && leaf.dns_names.empty() && leaf.other_names.empty();
  const auto named = [&](const std::string& name) {
    const bool uri = std::ranges::any_of(leaf.other_names, [&](const std::string& other) { return lower(other) == "uri:" + name; });
    return uri || covers(leaf, name, subject_counts);
  };
  const bool any = std::ranges::any_of(wanted, named);
  if (!any && listed) return not_listed("all of its names");
  return met_if(any, fmt::format("it names none of {}", fmt::join(wanted, ", ")));
}

CheckAnswer check_server_name(const CertificateCase& subject) {
  if (subject.use.as_client || subject.use.names_asked.empty()) return {};
  for (const std::string& name : subject.use.names_asked) {
    if (!looks_like_host(name) || IpAddress::parse(name)) continue;  // RFC 6066 section 3: an address is no server name
    if (!covers(subject.leaf, lower(name), false)) return met_not(fmt::format("clients asked for {}, which it does not name", name));
  }
  return met();
}

CheckAnswer check_sip_domain(const CertificateCase& subject) {
  if (subject.topology.sip_domains.empty()) return {};
  if (subject.leaf.common_names.empty()) return listed_only(subject.leaf) ? not_listed("its subject") : CheckAnswer{};
  for (const std::string& common_name : subject.leaf.common_names) {
    const std::string name = lower(common_name);
    for (const std::string& domain : subject.topology.sip_domains) {
      if (name == domain || name.ends_with("." + domain)) return met();
    }
  }
  return met_not(fmt::format("its subject {} names no SIP domain", subject.leaf.subject));
}

/// staple_words names the certificate that a response is about.
std::string staple_words(const ShownStaple& shown) {
  return shown.place == 0 ? "the OCSP response stapled to it" : fmt::format("the OCSP response about its issuer {}", shown.place);
}

/// believed: a response that is about another certificate, or that nobody who may has signed, says nothing.
bool believed(const StapledStatus& status) { return status.about_certificate && status.signature != StapleSignature::invalid; }

/// not_proof says why a response does not prove that a certificate is not revoked; empty when it does.
std::string not_proof(const ShownStaple& shown, const StapledStatus& status) {
  if (!status.about_certificate || status.status == CertificateStatus::none) return "gives no answer about it";
  if (status.signature != StapleSignature::valid) return "is not proved to be of its CA: " + status.detail;
  if (status.status == CertificateStatus::unknown) return "says that its CA does not know it";
  if (!status.this_update || shown.first_seen < *status.this_update) return "was sent before its time";
  // Without nextUpdate a newer answer may exist at any time (RFC 6960 section 4.2.2.1), and a copy can be of any age.
  if (!status.next_update) return "does not say until when it holds";
  return shown.last_seen > *status.next_update ? "had ended when it was sent" : "";
}

/// check_revoked: a revocation is said even where nobody's signature could be checked; that there is none, only of proof.
CheckAnswer check_revoked(const CertificateCase& subject) {
  for (const auto& [shown, status] : subject.staples) {
    if (!believed(status) || status.status != CertificateStatus::revoked) continue;
    std::string what = fmt::format("{} says that it is revoked", staple_words(shown));
    if (status.revoked_at) what += fmt::format(" since {}", date(*status.revoked_at));
    if (!status.revocation_reason.empty()) what += fmt::format(" ({})", status.revocation_reason);
    if (status.signature == StapleSignature::not_checked) what += fmt::format("; its signature was not checked: {}", status.detail);
    return met_not(std::move(what));
  }
  for (const auto& [shown, status] : subject.staples) {
    if (const std::string why = not_proof(shown, status); !why.empty()) return open(fmt::format("{} {}", staple_words(shown), why));
  }
  return subject.staples.empty() ? CheckAnswer{} : met();
}

CheckAnswer check_staple_usable(const CertificateCase& subject) {
  if (subject.staples.empty()) return {};
  for (const auto& [shown, status] : subject.staples) {
    if (status.response.empty()) return met_not(fmt::format("{} cannot be read: {}", staple_words(shown), status.detail));
    if (status.response != "successful") return met_not(fmt::format("{} is an error: {}", staple_words(shown), status.response));
    if (!status.about_certificate) return met_not(fmt::format("{} is about another certificate", staple_words(shown)));
    if (status.signature == StapleSignature::invalid) return met_not(fmt::format("{}: {}", staple_words(shown), status.detail));
    if (status.status == CertificateStatus::unknown)
      return met_not(fmt::format("{} says that its CA does not know it", staple_words(shown)));
  }
  const auto unchecked =
      std::ranges::find(subject.staples, StapleSignature::not_checked, [](const StapleCase& each) { return each.status.signature; });
  if (unchecked == subject.staples.end()) return met();
  return open(fmt::format("the signature of {} was not checked: {}", staple_words(unchecked->shown), unchecked->status.detail));
}

CheckAnswer check_staple_current(const CertificateCase& subject) {
  bool answered = false;
  const ShownStaple* unchecked = nullptr;  // its dates are whoever's wrote them
  for (const auto& [shown, status] : subject.staples) {
    if (!believed(status) || !status.this_update) continue;
    answered = true;
    if (status.signature == StapleSignature::not_checked) unchecked = &shown;
    if (status.next_update && shown.last_seen > *status.next_update)
      return met_not(
          fmt::format("{} ended on {} and was sent on {}", staple_words(shown), date(*status.next_update), date(shown.last_seen)));
    if (shown.first_seen < *status.this_update)
      return met_not(
          fmt::format("{} begins on {} and was sent on {}", staple_words(shown), date(*status.this_update), date(shown.first_seen)));
  }
  if (unchecked != nullptr) return open(fmt::format("the signature of {} was not checked", staple_words(*unchecked)));
  return answered ? met() : CheckAnswer{};
}

}  // namespace

bool name_matches(std::string_view presented, std::string_view name) {
  const std::string pattern = lower(presented);
  const std::string wanted = lower(name);
  if (!is_wildcard(pattern)) return pattern == wanted;
  const std::size_t dot = wanted.find('.');
  return dot != std::string::npos && dot != 0 && pattern.substr(1) == wanted.substr(dot);
}

bool rule_applies(const CertificateRule& rule, const CertificateUse& use) {
  if (!rule.status || (rule.roles & use.roles).none()) return false;
  if (!rule.usages.empty() && std::ranges::find(rule.usages, use.usage) == rule.usages.end()) return false;
  return rule.peers.none() || (use.as_client && (rule.peers & use.peers).any());
}

CheckAnswer check_certificate(const CertificateRule& rule, const CertificateCase& subject) {
  const CertificateFields& leaf = subject.leaf;
  // Of what could not be read nothing is said but that.
  if (rule.check != CertificateCheck::readable && !leaf.error.empty()) return {};
  switch (rule.check) {
    case CertificateCheck::readable:
      if (listed_only(leaf)) return open("only a list speaks of it");
      return leaf.error.empty() ? met() : met_not(leaf.error);
    case CertificateCheck::server_eku: return check_eku(rule, leaf, "serverAuth");
    case CertificateCheck::client_eku: return check_eku(rule, leaf, "clientAuth");
    case CertificateCheck::crl_distribution_point:
      if (listed_only(leaf)) return not_listed("its CRL distribution points");
      return met_if(!leaf.crl_distribution_points.empty(), "it names no CRL distribution point");
    case CertificateCheck::signature_hash: return check_signature_hash(rule, subject);
    case CertificateCheck::rsassa_pss: return check_rsassa_pss(subject);
    case CertificateCheck::key_algorithm: return check_key_algorithm(rule, leaf);
    case CertificateCheck::key_curve: return check_key_curve(rule, leaf);
    case CertificateCheck::rsa_bits: return check_rsa_bits(rule, subject);
    case CertificateCheck::exponent_broken:
    case CertificateCheck::exponent_at_least: return check_exponent(rule, leaf);
    case CertificateCheck::roca:
      return check_modulus(leaf, subject.roca, "its modulus has the fingerprint of keys made by the faulty library");
    case CertificateCheck::shared_prime:
      return check_modulus(leaf, subject.shared_prime, "its modulus has a prime in common with another key of this audit");
    case CertificateCheck::validity: return check_validity(subject);
    case CertificateCheck::expiry: return check_expiry(rule, subject);
    case CertificateCheck::chain: return check_chain(rule, subject);
    case CertificateCheck::intermediate_sent: return check_intermediate(subject.chain);
    case CertificateCheck::root_not_sent:
      if (listed_only(leaf)) return not_listed("what is sent with it");
      return met_if(!subject.chain.root_sent, "the root is among what is sent");
    case CertificateCheck::subject_in_san: return check_subject_in_san(leaf);
    case CertificateCheck::subject_no_wildcard: return check_wildcard(leaf, leaf.common_names);
    case CertificateCheck::san_no_wildcard: return check_wildcard(leaf, leaf.dns_names);
    case CertificateCheck::names:
    case CertificateCheck::names_or_subject: return check_names(rule, subject);
    case CertificateCheck::names_any: return check_names_any(rule, subject);
    case CertificateCheck::server_name: return check_server_name(subject);
    case CertificateCheck::subject_sip_domain: return check_sip_domain(subject);
    case CertificateCheck::staple_not_revoked: return check_revoked(subject);
    case CertificateCheck::staple_usable: return check_staple_usable(subject);
    case CertificateCheck::staple_current: return check_staple_current(subject);
    case CertificateCheck::shared_key:
    case CertificateCheck::pool_same_certificate:
    case CertificateCheck::pool_same_key:
    case CertificateCheck::roll: return {};
  }
  return {};
}

}  // namespace sealtrace
