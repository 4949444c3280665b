// What sessions share that read octets inside their protocol's protection.
#pragma once

#include <cstddef>
#include <utility>
#include <variant>

#include "dissect/session.hpp"

namespace sealtrace {

/// decrypted marks a fact as read with secrets.
inline Fact decrypted(Fact fact) {
  fact.decrypted = true;
  return fact;
}

/// DecryptedSink marks what it passes on as read with secrets (when `decrypted`), and adds what was checked of it.
class DecryptedSink final : public FactSink {
 public:
  DecryptedSink(FactSink& facts, Check check, bool decrypted) : facts_{facts}, check_{check}, decrypted_{decrypted} {}
  void report(Fact fact) override {
    if (auto* verify = std::get_if<TlsCertificateVerify>(&fact.body)) verify->signature = check_;
    if (auto* exchange = std::get_if<TlsServerKeyExchange>(&fact.body)) exchange->signature = check_;
    if (auto* finished = std::get_if<TlsFinished>(&fact.body)) finished->verify_data = check_;
    fact.decrypted |= decrypted_;
    facts_.report(std::move(fact));
  }

 private:
  FactSink& facts_;
  Check check_;
  bool decrypted_;
};

/// RecordOrigin points at the record that octets were opened from: the part of it in the chunk that completed it.
class RecordOrigin final : public Origin {
 public:
  RecordOrigin(const Origin& chunk, std::size_t offset, std::size_t length) : chunk_{chunk}, offset_{offset}, length_{length} {}
  [[nodiscard]] Evidence at(std::size_t /*offset*/, std::size_t /*length*/) const override { return chunk_.at(offset_, length_); }
  [[nodiscard]] Timestamp time_at(std::size_t /*offset*/) const override { return chunk_.time_at(offset_); }

 private:
  const Origin& chunk_;
  std::size_t offset_;
  std::size_t length_;
};

}  // namespace sealtrace
