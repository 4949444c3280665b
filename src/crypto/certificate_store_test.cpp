#include "crypto/certificate_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace sealtrace {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets certificate(unsigned number) {
  const std::string text = "certificate " + std::to_string(number);
  return {text.begin(), text.end()};
}

TEST(CertificateStore, EqualOctetsHaveOneId) {
  CertificateStore store{1};
  const CertificateId first = store.intern(certificate(1));
  const CertificateId second = store.intern(certificate(2));
  EXPECT_NE(first, second);
  EXPECT_EQ(store.intern(certificate(1)), first);
  EXPECT_EQ(store.size(), 2U);
  EXPECT_EQ(store.sha256(first), sha256(certificate(1)));
  EXPECT_TRUE(std::ranges::equal(store.der(second), certificate(2)));
  EXPECT_EQ(store.der_bytes(second), certificate(2).size());
}

TEST(CertificateStore, NamesNoMoreThanItHasRoomFor) {
  CertificateStore store{1, kMaxCertificateStoreBytes, 1};
  const CertificateId first = store.intern(certificate(1));
  EXPECT_EQ(store.intern(certificate(2)), kNoCertificate);
  EXPECT_EQ(store.intern(certificate(1)), first);
  EXPECT_EQ(store.size(), 1U);
  EXPECT_EQ(store.num_dropped(), 1U);
}

TEST(CertificateStore, KeepsThousandsApartAndSortsThemByHash) {
  constexpr unsigned kMany = 10'000;
  CertificateStore store{7};
  for (unsigned i = 0; i < kMany; ++i) EXPECT_EQ(value(store.intern(certificate(i))), i);
  for (unsigned i = 0; i < kMany; ++i) EXPECT_EQ(value(store.intern(certificate(i))), i);
  const std::vector<CertificateId> sorted = store.sorted_ids();
  ASSERT_EQ(sorted.size(), kMany);
  EXPECT_TRUE(std::ranges::is_sorted(sorted, {}, [&store](CertificateId id) { return store.sha256(id); }));
}

TEST(CertificateStore, GivesTheSameSetWhoeverComesFirst) {
  constexpr unsigned kMany = 2'000;
  CertificateStore store{7};
  std::vector<std::thread> threads;
  for (unsigned worker = 0; worker < 4; ++worker) {
    threads.emplace_back([&store, worker] {
      for (unsigned i = 0; i < kMany; ++i) store.intern(certificate((i + worker * 500) % kMany));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store.size(), kMany);
  CertificateStore alone{8};
  for (unsigned i = 0; i < kMany; ++i) alone.intern(certificate(i));
  const auto hashes = [](const CertificateStore& from) {
    std::vector<Sha256> all;
    for (const CertificateId id : from.sorted_ids()) all.push_back(from.sha256(id));
    return all;
  };
  EXPECT_EQ(hashes(store), hashes(alone));
}

TEST(CertificateStore, BeyondItsBudgetACertificateIsKnownByItsHashAlone) {
  CertificateStore store{1, 20};
  const CertificateId kept = store.intern(certificate(1));
  const CertificateId hashed = store.intern(certificate(2));
  EXPECT_EQ(store.num_dropped(), 1U);
  EXPECT_FALSE(store.der(kept).empty());
  EXPECT_TRUE(store.der(hashed).empty());
  EXPECT_EQ(store.der_bytes(hashed), certificate(2).size());
  EXPECT_EQ(store.sha256(hashed), sha256(certificate(2)));
  EXPECT_EQ(store.intern(certificate(2)), hashed);
  EXPECT_EQ(store.num_dropped(), 1U);
}

}  // namespace
}  // namespace sealtrace
