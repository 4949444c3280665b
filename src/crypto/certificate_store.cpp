#include "crypto/certificate_store.hpp"

#include <algorithm>

#include "wire/keyed_hash.hpp"

namespace sealtrace {
namespace {

/// kArenaBlockBytes: DER is kept in blocks of this size, so that a certificate costs no allocation of its own.
constexpr std::size_t kArenaBlockBytes = std::size_t{256} << 10;
constexpr std::size_t kFirstSlots = 64;

std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }
std::size_t slot_of(std::uint32_t tag, std::size_t num_slots) { return tag & (num_slots - 1); }

}  // namespace

CertificateStore::CertificateStore(std::uint64_t hash_key, std::size_t max_der_bytes, std::uint32_t max_certificates)
    : hash_key_{hash_key}, max_der_bytes_{max_der_bytes}, max_certificates_{std::min(max_certificates, kMaxCertificates)} {
  for (Shard& shard : shards_) shard.slots.resize(kFirstSlots);
}

CertificateStore::~CertificateStore() {
  for (std::atomic<Block*>& block : blocks_) delete block.load(std::memory_order_relaxed);
}

CertificateId CertificateStore::intern(Bytes der) {
  const std::uint64_t hash = keyed_hash(der, hash_key_);
  Shard& shard = shards_[hash >> 60];
  {
    const std::lock_guard lock{shard.mutex};
    const CertificateId known = find(shard, der, hash, nullptr);
    if (known != kNoCertificate) return known;
  }
  const Sha256 digest = sealtrace::sha256(der);
  const std::lock_guard lock{shard.mutex};
  const CertificateId known = find(shard, der, hash, &digest);
  return known != kNoCertificate ? known : add(shard, der, hash, digest);
}

std::vector<CertificateId> CertificateStore::sorted_ids() const {
  std::vector<CertificateId> ids(size());
  for (std::uint32_t i = 0; i < ids.size(); ++i) ids[i] = CertificateId{i};
  std::ranges::sort(ids, {}, [this](CertificateId id) -> const Sha256& { return sha256(id); });
  return ids;
}

CertificateId CertificateStore::find(const Shard& shard, Bytes der, std::uint64_t hash, const Sha256* digest) const {
  const std::size_t num_slots = shard.slots.size();
  for (std::size_t at = slot_of(tag_of(hash), num_slots); shard.slots[at].id_plus_one != 0; at = (at + 1) & (num_slots - 1)) {
    if (shard.slots[at].tag != tag_of(hash)) continue;
    const CertificateId id{shard.slots[at].id_plus_one - 1};
    const Entry& candidate = entry(id);
    if (candidate.hash != hash || candidate.der_bytes != der.size()) continue;
    const bool kept = candidate.der.size() == candidate.der_bytes;
    if (kept ? std::ranges::equal(candidate.der, der) : digest != nullptr && candidate.sha256 == *digest) return id;
  }
  return kNoCertificate;
}

CertificateId CertificateStore::add(Shard& shard, Bytes der, std::uint64_t hash, const Sha256& digest) {
  std::uint32_t number = 0;
  {
    const std::lock_guard lock{blocks_mutex_};
    number = num_certificates_.load(std::memory_order_relaxed);
    if (number == max_certificates_) {
      num_dropped_.fetch_add(1, std::memory_order_relaxed);
      return kNoCertificate;
    }
    std::atomic<Block*>& block = blocks_[number / kEntriesPerBlock];
    if (block.load(std::memory_order_relaxed) == nullptr) block.store(new Block, std::memory_order_release);
    Entry& fresh = (*block.load(std::memory_order_relaxed))[number % kEntriesPerBlock];
    fresh = {.sha256 = digest, .der = keep(shard, der), .hash = hash, .der_bytes = static_cast<std::uint32_t>(der.size())};
    num_certificates_.store(number + 1, std::memory_order_release);
  }
  if (++shard.num_used * 2 > shard.slots.size()) {
    std::vector<Slot> larger(shard.slots.size() * 2);
    for (const Slot& slot : shard.slots) {
      if (slot.id_plus_one != 0) insert_slot(larger, slot);
    }
    shard.slots = std::move(larger);
  }
  insert_slot(shard.slots, {.tag = tag_of(hash), .id_plus_one = number + 1});
  return CertificateId{number};
}

Bytes CertificateStore::keep(Shard& shard, Bytes der) {
  if (kept_bytes_.load(std::memory_order_relaxed) + der.size() > max_der_bytes_) {
    num_dropped_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  kept_bytes_.fetch_add(der.size(), std::memory_order_relaxed);
  if (der.size() > shard.arena_room.size()) {
    const std::size_t block_bytes = std::max(kArenaBlockBytes, der.size());
    shard.arena.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(block_bytes));
    shard.arena_room = {shard.arena.back().get(), block_bytes};
  }
  const std::span<std::uint8_t> room = shard.arena_room.first(der.size());
  std::ranges::copy(der, room.begin());
  shard.arena_room = shard.arena_room.subspan(der.size());
  return room;
}

void CertificateStore::insert_slot(std::vector<Slot>& slots, Slot slot) {
  std::size_t at = slot_of(slot.tag, slots.size());
  while (slots[at].id_plus_one != 0) at = (at + 1) & (slots.size() - 1);
  slots[at] = slot;
}

}  // namespace sealtrace
