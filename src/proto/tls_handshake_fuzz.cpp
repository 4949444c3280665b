// Every parser of handshake messages: what it borrows lies inside the message, and a cut message is not the same as a whole one.
#include <algorithm>
#include <cstdlib>

#include "proto/tls_facts.hpp"
#include "proto/tls_handshake.hpp"
#include "proto/tls_record.hpp"
#include "proto/tls_ssl2.hpp"

using namespace sealtrace;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void require_inside(Bytes part, Bytes body) {
  require(part.empty() || (part.data() >= body.data() && part.data() + part.size() <= body.data() + body.size()));
}

/// require_whole_only: a parser that accepts `body` accepts no shorter one.
template <typename Parse>
void require_whole_only(Bytes body, Parse parse) {
  const auto whole = parse(body);
  if (!whole) {
    require(whole.error().offset <= body.size());
    return;
  }
  for (std::size_t length = 0; length < body.size(); ++length) require(!parse(body.first(length)));
}

void check_client_hello(Bytes body, const Parsed<ClientHello>& hello, TlsHelloForm form) {
  if (!hello) return;
  for (const Bytes part : {hello->random, hello->session_id, hello->cookie, hello->cipher_kinds, hello->compression_methods,
                           hello->extensions, hello->ec_point_formats, hello->session_ticket.value_or(Bytes{}),
                           hello->psk_identity.value_or(Bytes{}), as_bytes(hello->server_name)}) {
    require_inside(part, body);
  }
  const TlsClientHello fact = client_hello_fact(*hello, form, 0x0301, {.hash_key = 1, .keep_lists = true});
  require(fact.alpn.size() == hello->alpn.size());
  require(fact.cipher_suites.size() <= body.size());
}

void check_server_hello(Bytes body, const Parsed<ServerHello>& hello) {
  if (!hello) return;
  for (const Bytes part : {hello->random, hello->session_id, hello->extensions, as_bytes(hello->alpn)}) require_inside(part, body);
  require(server_hello_fact(*hello, {.hash_key = 1, .keep_lists = true}).version == hello->version);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const Bytes input{data, size};
  const Bytes body = input.subspan(3).first(std::min<std::size_t>(size - 3, 4096));
  const CipherSuite suite{static_cast<std::uint16_t>(input[1] << 8 | input[2])};
  const TlsVersion version{static_cast<std::uint16_t>(0x0300 + input[2] % 5)};
  switch (input[0] % 12) {
    case 0: check_client_hello(body, parse_client_hello(body, HelloFormat::tls), TlsHelloForm::tls); break;
    case 1: check_client_hello(body, parse_client_hello(body, HelloFormat::dtls), TlsHelloForm::dtls); break;
    case 2: check_server_hello(body, parse_server_hello(body)); break;
    case 3: check_server_hello(body, parse_draft_hello_retry_request(body)); break;
    case 11: require_whole_only(body, parse_certificate_status); break;
    case 4: require_whole_only(body, parse_certificate); break;
    case 5: require_whole_only(body, [&](Bytes cut) { return parse_certificate_request(cut, version); }); break;
    case 6: require_whole_only(body, [&](Bytes cut) { return parse_certificate_verify(cut, version); }); break;
    case 7: require_whole_only(body, [&](Bytes cut) { return parse_server_key_exchange(cut, suite, TlsVersion::tls1_2); }); break;
    case 8: require_whole_only(body, parse_new_session_ticket); break;
    case 9:
      require_whole_only(body, parse_hello_verify_request);
      check_client_hello(body, parse_ssl2_client_hello(body), TlsHelloForm::ssl2);
      require_whole_only(body, parse_ssl2_client_hello);
      break;
    case 10: require_whole_only(body, parse_ssl2_server_hello); break;
  }
  return 0;
}
