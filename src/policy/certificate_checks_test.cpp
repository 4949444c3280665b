#include "policy/certificate_checks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sealtrace {
namespace {

using Kind = CheckAnswer::Kind;

/// Subject is a certificate in somebody's hand, good in all that is asked here.
struct Subject {
  CertificateUse use;
  CertificateFields leaf;
  std::vector<CertificateFields> issuers;
  ChainOutcome chain;
  Topology topology;
  std::vector<ShownStaple> shown;
  std::vector<StapledStatus> statuses;

  Subject() { leaf.version = 3; }
  void staple(StapledStatus status, Timestamp sent) {
    shown.push_back({.response = {}, .place = 0, .first_seen = sent, .last_seen = sent});
    statuses.push_back(std::move(status));
  }
  [[nodiscard]] CheckAnswer ask(CertificateCheck check, std::vector<std::string> values = {}) const {
    CertificateRule rule;
    rule.check = check;
    rule.status = Status::fail;
    rule.values = std::move(values);
    std::vector<StapleCase> staples;
    for (std::size_t i = 0; i < shown.size(); ++i) staples.push_back({.shown = shown[i], .status = statuses[i]});
    return check_certificate(rule,
                             {.use = use, .leaf = leaf, .issuers = issuers, .chain = chain, .staples = staples, .topology = topology});
  }
};

Timestamp day(unsigned number) { return Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}} + std::chrono::days{number}; }

StapledStatus good() {
  StapledStatus status;
  status.response = "successful";
  status.status = CertificateStatus::good;
  status.about_certificate = true;
  status.this_update = day(10);
  status.next_update = day(17);
  status.signature = StapleSignature::valid;
  return status;
}

struct StapleAnswers {
  const char* name;
  StapledStatus status;
  Timestamp sent;
  Kind revoked;
  Kind usable;
  Kind current;
};

template <typename Change>
StapledStatus but(const Change& change) {
  StapledStatus status = good();
  change(status);
  return status;
}

TEST(CertificateChecks, AStapleIsBelievedOrNamedForWhatIsWrong) {
  const auto revoked = [](StapledStatus& s) { s.status = CertificateStatus::revoked; };
  const auto unchecked = [](StapledStatus& s) { s.signature = StapleSignature::not_checked; };
  const auto unknown = [](StapledStatus& s) { s.status = CertificateStatus::unknown; };
  const std::vector<StapleAnswers> cases{
      {"good and of its time", good(), day(12), Kind::met, Kind::met, Kind::met},
      {"good, nobody's issuer known", but(unchecked), day(12), Kind::open, Kind::open, Kind::open},
      {"revoked", but(revoked), day(12), Kind::met_not, Kind::met, Kind::met},
      {"revoked, nobody's issuer known", but([&](StapledStatus& s) { revoked(s), unchecked(s); }), day(12), Kind::met_not, Kind::open,
       Kind::open},
      {"revoked by whom nobody allowed", but([&](StapledStatus& s) { revoked(s), s.signature = StapleSignature::invalid; }), day(12),
       Kind::open, Kind::met_not, Kind::exempt},
      {"good by whom nobody allowed", but([](StapledStatus& s) { s.signature = StapleSignature::invalid; }), day(12), Kind::open,
       Kind::met_not, Kind::exempt},
      {"about another certificate", but([](StapledStatus& s) { s.about_certificate = false, s.status = CertificateStatus::none; }), day(12),
       Kind::open, Kind::met_not, Kind::exempt},
      {"the CA does not know it", but(unknown), day(12), Kind::open, Kind::met_not, Kind::met},
      {"the CA does not know it, nobody's issuer known", but([&](StapledStatus& s) { unknown(s), unchecked(s); }), day(12), Kind::open,
       Kind::met_not, Kind::open},
      {"sent after its end", good(), day(18), Kind::open, Kind::met, Kind::met_not},
      {"sent before its time", good(), day(9), Kind::open, Kind::met, Kind::met_not},
      {"without an end", but([](StapledStatus& s) { s.next_update.reset(); }), day(300), Kind::open, Kind::met, Kind::met},
  };
  for (const StapleAnswers& each : cases) {
    Subject subject;
    subject.staple(each.status, each.sent);
    EXPECT_EQ(subject.ask(CertificateCheck::staple_not_revoked).kind, each.revoked) << each.name;
    EXPECT_EQ(subject.ask(CertificateCheck::staple_usable).kind, each.usable) << each.name;
    EXPECT_EQ(subject.ask(CertificateCheck::staple_current).kind, each.current) << each.name;
  }
}

TEST(CertificateChecks, WithoutAStapleNothingIsSaid) {
  const Subject subject;
  EXPECT_EQ(subject.ask(CertificateCheck::staple_not_revoked).kind, Kind::exempt);
  EXPECT_EQ(subject.ask(CertificateCheck::staple_usable).kind, Kind::exempt);
  EXPECT_EQ(subject.ask(CertificateCheck::staple_current).kind, Kind::exempt);
}

TEST(CertificateChecks, OneRevocationAmongSeveralStaplesIsEnough) {
  Subject subject;
  subject.staple(good(), day(12));
  subject.staple(but([](StapledStatus& s) { s.status = CertificateStatus::revoked; }), day(13));
  EXPECT_EQ(subject.ask(CertificateCheck::staple_not_revoked).kind, Kind::met_not);
}

TEST(CertificateChecks, AProofIsUndoneByALaterResponseThatProvesNothing) {
  Subject subject;
  subject.staple(good(), day(12));
  subject.staple(good(), day(30));
  EXPECT_EQ(subject.ask(CertificateCheck::staple_not_revoked).kind, Kind::open);
}

TEST(CertificateChecks, ClientPurposeIsListedOrNamedAsEnough) {
  Subject subject;
  EXPECT_EQ(subject.ask(CertificateCheck::client_eku).kind, Kind::met_not);
  EXPECT_EQ(subject.ask(CertificateCheck::client_eku, {"absent"}).kind, Kind::met);
  subject.leaf.extended_key_usage = {"serverAuth"};
  EXPECT_EQ(subject.ask(CertificateCheck::client_eku, {"absent"}).kind, Kind::met_not);
  subject.leaf.extended_key_usage = {"1.3.6.1.5.5.7.3.20"};
  EXPECT_EQ(subject.ask(CertificateCheck::client_eku, {"absent", "1.3.6.1.5.5.7.3.20"}).kind, Kind::met);
  subject.leaf.extended_key_usage = {"serverAuth", "clientAuth"};
  EXPECT_EQ(subject.ask(CertificateCheck::client_eku).kind, Kind::met);
}

TEST(CertificateChecks, NamesThatTheTopologyDoesNotStateLeaveARuleOpen) {
  Subject subject;
  subject.use.holder = "rp01.contoso.com";
  subject.leaf.dns_names = {"lyncweb.contoso.com", "*.contoso.com"};
  const std::vector<std::string> values{"{web-external}", "{meet}"};
  EXPECT_EQ(subject.ask(CertificateCheck::names, values).kind, Kind::open);
  subject.topology.simple_urls.meet = {"meet.contoso.com"};
  EXPECT_EQ(subject.ask(CertificateCheck::names, values).kind, Kind::met) << "one of two is stated, and a wildcard covers it";
  subject.topology.simple_urls.meet = {"meet.fabrikam.com"};
  const CheckAnswer answer = subject.ask(CertificateCheck::names, values);
  EXPECT_EQ(answer.kind, Kind::met_not);
  EXPECT_EQ(answer.what, "it does not name meet.fabrikam.com");
}

TEST(CertificateChecks, WhatAListLeavesOutIsOpenAndNeverMet) {
  Subject subject;
  subject.leaf.version = 0;
  subject.use.of_inventory = true;
  subject.use.holder = "fe01.contoso.com";
  subject.topology.sip_domains = {"contoso.com"};
  for (const CertificateCheck check : {CertificateCheck::readable,
                                       CertificateCheck::server_eku,
                                       CertificateCheck::client_eku,
                                       CertificateCheck::crl_distribution_point,
                                       CertificateCheck::signature_hash,
                                       CertificateCheck::rsassa_pss,
                                       CertificateCheck::key_algorithm,
                                       CertificateCheck::key_curve,
                                       CertificateCheck::rsa_bits,
                                       CertificateCheck::exponent_broken,
                                       CertificateCheck::exponent_at_least,
                                       CertificateCheck::roca,
                                       CertificateCheck::shared_prime,
                                       CertificateCheck::validity,
                                       CertificateCheck::expiry,
                                       CertificateCheck::chain,
                                       CertificateCheck::root_not_sent,
                                       CertificateCheck::subject_in_san,
                                       CertificateCheck::subject_no_wildcard,
                                       CertificateCheck::san_no_wildcard,
                                       CertificateCheck::names,
                                       CertificateCheck::names_or_subject,
                                       CertificateCheck::names_any,
                                       CertificateCheck::subject_sip_domain}) {
    EXPECT_EQ(subject.ask(check, {"{server}"}).kind, Kind::open) << info(check).name;
    EXPECT_FALSE(subject.ask(check, {"{server}"}).what.empty()) << info(check).name;
  }
}

TEST(CertificateChecks, WhatAListSaysIsJudged) {
  Subject subject;
  subject.leaf.version = 0;
  subject.leaf.public_key_algorithm = "RSA";
  subject.leaf.public_key_bits = 1024;
  subject.leaf.signature_algorithm = "md5WithRSAEncryption";
  subject.leaf.signature_hash = "md5";
  CertificateRule bits;
  bits.check = CertificateCheck::rsa_bits;
  bits.at_least = 2048;
  const std::vector<StapleCase> staples;
  EXPECT_EQ(check_certificate(bits, {.use = subject.use,
                                     .leaf = subject.leaf,
                                     .issuers = subject.issuers,
                                     .chain = subject.chain,
                                     .staples = staples,
                                     .topology = subject.topology})
                .kind,
            Kind::met_not);
  EXPECT_EQ(subject.ask(CertificateCheck::signature_hash, {"sha256"}).kind, Kind::met_not);
  EXPECT_EQ(subject.ask(CertificateCheck::key_algorithm, {"RSA"}).kind, Kind::met);
  EXPECT_EQ(subject.ask(CertificateCheck::rsassa_pss).kind, Kind::met);
  EXPECT_EQ(subject.ask(CertificateCheck::key_curve).kind, Kind::exempt);
  EXPECT_EQ(subject.ask(CertificateCheck::roca).kind, Kind::open);
  subject.leaf.public_key_algorithm = "EC";
  EXPECT_EQ(subject.ask(CertificateCheck::roca).kind, Kind::met);
  EXPECT_EQ(subject.ask(CertificateCheck::key_curve).kind, Kind::open);
  subject.leaf.not_after = day(1);
  subject.use.last_seen = day(2);
  EXPECT_EQ(subject.ask(CertificateCheck::validity).kind, Kind::met_not);
}

TEST(CertificateChecks, AnIssuerOfWhichNothingIsKnownLeavesTheRowOpenAndAWrongOneBreaksIt) {
  Subject subject;
  subject.leaf.signature_hash = "sha256";
  EXPECT_EQ(subject.ask(CertificateCheck::signature_hash, {"sha256"}).kind, Kind::met);
  subject.issuers.emplace_back();
  EXPECT_EQ(subject.ask(CertificateCheck::signature_hash, {"sha256"}).kind, Kind::open);
  subject.issuers.emplace_back().signature_hash = "md5";
  EXPECT_EQ(subject.ask(CertificateCheck::signature_hash, {"sha256"}).kind, Kind::met_not);
}

}  // namespace
}  // namespace sealtrace
