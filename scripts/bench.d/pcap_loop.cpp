// pcap_loop: the yardstick L of the benchmark, libpcap's own reading loop with nothing behind it but two sums.
#include <pcap/pcap.h>

#include <cstdint>
#include <cstdio>

int main(int argc, char** argv) {
  char error[PCAP_ERRBUF_SIZE] = "usage: pcap_loop CAPTURE";
  pcap_t* const capture = argc == 2 ? pcap_open_offline(argv[1], error) : nullptr;
  if (capture == nullptr) return std::fprintf(stderr, "pcap_loop: %s\n", error), 1;
  std::uint64_t packets = 0, bytes = 0;
  pcap_pkthdr* header = nullptr;
  const u_char* frame = nullptr;
  while (pcap_next_ex(capture, &header, &frame) == 1) {
    ++packets;
    bytes += header->caplen;
  }
  pcap_close(capture);
  std::printf("%llu packets, %llu bytes\n", static_cast<unsigned long long>(packets), static_cast<unsigned long long>(bytes));
  return 0;
}
