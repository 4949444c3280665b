// make_certificates writes an inventory: a topology, a CA, and a PEM file for each of 1000 servers with its share of the certificates, all
// signed by the CA. Pairs of keys with a prime in common are planted, and named on standard output, two SHA-256 fingerprints a line.
//
//   make_certificates FOLDER NUMBER PAIRS SEED
//
// A prime of 1024 bits takes OpenSSL some fifty milliseconds, and 200,000 different ones are needed: so the moduli are products of sixteen
// primes of 128 bits. They have the size of real ones, and what the program does with them costs the same; one in a thousand is OpenSSL's
// own.
#include <gmp.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kNumServers = 1000;
constexpr std::size_t kNumPrimes = 16;
constexpr std::size_t kPrimeBits = 128;
constexpr std::size_t kModulusBytes = kNumPrimes * kPrimeBits / 8;
constexpr std::size_t kOwnKeyEvery = 1000;  // a key of OpenSSL's making

template <auto kFree>
struct FreeBy {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <typename T, auto kFree>
using Owned = std::unique_ptr<T, FreeBy<kFree>>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owned<X509, X509_free>;

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error{what};
}

using Modulus = std::array<unsigned char, kModulusBytes>;

/// Primes makes primes with their two upper bits set, so that sixteen of them nearly always make a modulus of full length.
class Primes {
 public:
  explicit Primes(unsigned long seed) {
    gmp_randinit_mt(state_);
    gmp_randseed_ui(state_, seed);
  }
  ~Primes() { gmp_randclear(state_); }
  Primes(const Primes&) = delete;
  Primes& operator=(const Primes&) = delete;

  void next(mpz_t prime) {
    mpz_urandomb(prime, state_, kPrimeBits - 5);
    for (mp_bitcnt_t bit = kPrimeBits - 5; bit < kPrimeBits; ++bit) mpz_setbit(prime, bit);
    mpz_nextprime(prime, prime);
  }

 private:
  gmp_randstate_t state_;
};

/// fill makes moduli `first`, `first + step`...; the second of a planted pair takes a prime of the first, which lies just before it.
void fill(std::vector<Modulus>& moduli, std::size_t first, std::size_t last, std::size_t num_pairs, unsigned long seed) {
  Primes primes{seed + first};
  mpz_t product, prime, common;
  mpz_inits(product, prime, common, nullptr);
  for (std::size_t i = first; i < last; ++i) {
    mpz_set_ui(product, 1);
    for (std::size_t j = 0; j < kNumPrimes; ++j) {
      primes.next(prime);
      if (j == 0 && i % 2 == 0) mpz_set(common, prime);
      const bool planted = i / 2 < num_pairs;
      if (j == 0 && i % 2 == 1 && planted) mpz_set(prime, common);
      mpz_mul(product, product, prime);
    }
    std::size_t length = 0;
    mpz_export(moduli[i].data(), &length, 1, 1, 1, 0, product);
    require(length == kModulusBytes, "a modulus is short");
  }
  mpz_clears(product, prime, common, nullptr);
}

Key key_of(const Modulus& modulus) {
  const Owned<BIGNUM, BN_free> n{BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr)};
  const Owned<BIGNUM, BN_free> e{BN_new()};
  BN_set_word(e.get(), RSA_F4);
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters{OSSL_PARAM_BLD_to_param(builder.get())};
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context{EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)};
  EVP_PKEY* key = nullptr;
  require(EVP_PKEY_fromdata_init(context.get()) == 1 && EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1,
          "no key of this modulus");
  return Key{key};
}

void add_extension(X509* certificate, X509V3_CTX& context, int nid, const char* value) {
  const Owned<X509_EXTENSION, X509_EXTENSION_free> extension{X509V3_EXT_conf_nid(nullptr, &context, nid, value)};
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, "no extension");
}

Certificate issue(const std::string& name, EVP_PKEY* subject, long serial, X509* issuer, EVP_PKEY* signer) {
  Certificate certificate{X509_new()};
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  constexpr long kTenYears = 10L * 365 * 86400;
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kTenYears);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer != nullptr ? issuer : certificate.get()));
  X509_set_pubkey(certificate.get(), subject);
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer != nullptr ? issuer : certificate.get(), certificate.get(), nullptr, nullptr, 0);
  if (issuer == nullptr) {
    add_extension(certificate.get(), context, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate.get(), context, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    add_extension(certificate.get(), context, NID_ext_key_usage, "serverAuth,clientAuth");
    add_extension(certificate.get(), context, NID_subject_alt_name, ("DNS:" + name).c_str());
    add_extension(certificate.get(), context, NID_crl_distribution_points, "URI:http://ca.example/ca.crl");
  }
  require(X509_sign(certificate.get(), signer, EVP_sha256()) > 0, "not signed");
  return certificate;
}

std::string pem(X509* certificate) {
  const Owned<BIO, BIO_free> memory{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(memory.get(), certificate);
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

std::string fingerprint(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &length);
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

std::string server_name(std::size_t number) { return "s" + std::to_string(number) + ".contoso.com"; }

void write_topology(const std::filesystem::path& folder) {
  std::ofstream file{folder / "topology.yaml"};
  file << "topology: 1\nname: Benchmark\nproduct: lync-2013\ntrust: {internal_ca: [ca.pem]}\nhosts:\n";
  for (std::size_t i = 0; i < kNumServers; ++i) {
    file << "  - {fqdn: " << server_name(i) << ", roles: [mediation-server], addresses: [10." << i / 65536 << '.' << i / 256 % 256 << '.'
         << i % 256 << "]}\n";
  }
}

void make(const std::filesystem::path& folder, std::size_t number, std::size_t num_pairs, unsigned long seed) {
  std::filesystem::create_directories(folder / "certificates");
  write_topology(folder);
  std::vector<Modulus> moduli(number);
  const std::size_t num_threads = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t share = (number / num_threads + 2) / 2 * 2;  // pairs stay together
  {
    std::vector<std::jthread> threads;
    for (std::size_t first = 0; first < number; first += share)
      threads.emplace_back([&, first] { fill(moduli, first, std::min(first + share, number), num_pairs, seed); });
  }
  const Key ca_key{EVP_RSA_gen(2048)};
  const Certificate ca = issue("Benchmark CA", ca_key.get(), 1, nullptr, ca_key.get());
  std::ofstream{folder / "ca.pem"} << pem(ca.get());
  std::vector<std::ofstream> files;
  std::vector<std::string> texts(kNumServers);
  std::string pair;
  for (std::size_t i = 0; i < number; ++i) {
    const bool planted = i / 2 < num_pairs;
    const bool own = !planted && i % kOwnKeyEvery == 0;
    const Key key = own ? Key{EVP_RSA_gen(2048)} : key_of(moduli[i]);
    const std::size_t server = i % kNumServers;
    const Certificate certificate = issue(server_name(server), key.get(), static_cast<long>(i) + 2, ca.get(), ca_key.get());
    texts[server] += pem(certificate.get());
    if (planted && i % 2 == 0) pair = fingerprint(certificate.get());
    if (planted && i % 2 == 1) std::cout << pair << ' ' << fingerprint(certificate.get()) << '\n';
  }
  for (std::size_t i = 0; i < kNumServers; ++i) std::ofstream{folder / "certificates" / (server_name(i) + ".pem")} << texts[i];
}

}  // namespace

int main(int count, char** words) {
  if (count != 5) {
    std::cerr << "usage: make_certificates FOLDER NUMBER PAIRS SEED\n";
    return 2;
  }
  try {
    make(words[1], std::stoul(words[2]), std::stoul(words[3]), std::stoul(words[4]));
  } catch (const std::exception& error) {
    std::cerr << "make_certificates: " << error.what() << '\n';
    return 1;
  }
}
