// CertificateStore: each distinct certificate of an audit once, named by a small number.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "crypto/digest.hpp"
#include "model/ids.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// kMaxCertificateStoreBytes bounds the DER kept, in octets: a quarter of a million leaves of one KiB. Beyond it a certificate is
/// known by its SHA-256 alone.
inline constexpr std::size_t kMaxCertificateStoreBytes = std::size_t{256} << 20;
/// kMaxCertificates bounds the distinct certificates named, 64 octets each with their slots. All beyond it share kNoCertificate.
inline constexpr std::uint32_t kMaxCertificates = 4U << 20;
inline constexpr CertificateId kNoCertificate{0xFFFFFFFF};

/// CertificateStore interns certificates. Ids count up from 0 in the order of first sight, which depends on scheduling: who prints
/// them sorts by SHA-256 (sorted_ids). All functions may be called from any thread; sorted_ids when nobody interns any more.
class CertificateStore {
 public:
  /// `hash_key` makes the table's hash unpredictable: peers choose the octets. `max_certificates` is at most kMaxCertificates.
  explicit CertificateStore(std::uint64_t hash_key, std::size_t max_der_bytes = kMaxCertificateStoreBytes,
                            std::uint32_t max_certificates = kMaxCertificates);
  CertificateStore(const CertificateStore&) = delete;
  CertificateStore& operator=(const CertificateStore&) = delete;
  ~CertificateStore();

  /// intern names `der`; equal octets get equal ids. The octets are copied at first sight. SHA-256 is computed once per distinct
  /// certificate.
  CertificateId intern(Bytes der);

  /// size counts the ids given: they are 0 to size - 1.
  [[nodiscard]] std::uint32_t size() const { return num_certificates_.load(std::memory_order_acquire); }
  /// der lives as long as the store; empty when the budget had no room for it.
  [[nodiscard]] Bytes der(CertificateId id) const { return entry(id).der; }
  [[nodiscard]] const Sha256& sha256(CertificateId id) const { return entry(id).sha256; }
  [[nodiscard]] std::uint32_t der_bytes(CertificateId id) const { return entry(id).der_bytes; }
  /// num_dropped counts distinct certificates whose DER, or even id, found no room.
  [[nodiscard]] std::uint64_t num_dropped() const { return num_dropped_.load(std::memory_order_relaxed); }
  /// sorted_ids lists every id in the order of SHA-256.
  [[nodiscard]] std::vector<CertificateId> sorted_ids() const;

 private:
  struct Entry {
    Sha256 sha256{};
    Bytes der;
    std::uint64_t hash = 0;
    std::uint32_t der_bytes = 0;
  };
  static constexpr std::size_t kEntriesPerBlock = 4096;
  static constexpr std::size_t kMaxBlocks = kMaxCertificates / kEntriesPerBlock;
  static constexpr std::size_t kNumShards = 16;
  using Block = std::array<Entry, kEntriesPerBlock>;

  /// Slot names an entry. The tag, the hash's low half, tells most others apart without a look at their entries.
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t id_plus_one = 0;  ///< 0 when free
  };
  struct Shard {
    std::mutex mutex;
    std::vector<Slot> slots;  // at most half full
    std::size_t num_used = 0;
    std::vector<std::unique_ptr<std::uint8_t[]>> arena;
    std::span<std::uint8_t> arena_room;  // of the last block
  };

  [[nodiscard]] const Entry& entry(CertificateId id) const {
    return (*blocks_[value(id) / kEntriesPerBlock].load(std::memory_order_acquire))[value(id) % kEntriesPerBlock];
  }
  /// find gives the id of `der` or kNoCertificate. `digest` is needed only to recognise certificates whose DER was not kept.
  [[nodiscard]] CertificateId find(const Shard& shard, Bytes der, std::uint64_t hash, const Sha256* digest) const;
  [[nodiscard]] CertificateId add(Shard& shard, Bytes der, std::uint64_t hash, const Sha256& digest);
  [[nodiscard]] Bytes keep(Shard& shard, Bytes der);
  static void insert_slot(std::vector<Slot>& slots, Slot slot);

  std::uint64_t hash_key_;
  std::size_t max_der_bytes_;
  std::uint32_t max_certificates_;
  std::array<Shard, kNumShards> shards_;
  std::array<std::atomic<Block*>, kMaxBlocks> blocks_{};
  std::mutex blocks_mutex_;
  std::atomic<std::uint32_t> num_certificates_{0};
  std::atomic<std::size_t> kept_bytes_{0};
  std::atomic<std::uint64_t> num_dropped_{0};
};

}  // namespace sealtrace
