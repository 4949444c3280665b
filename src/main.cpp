#ifdef SEALTRACE_MIMALLOC
#include <mimalloc.h>
#endif

#include "app/command.hpp"

int main(int argc, char** argv) {
#ifdef SEALTRACE_MIMALLOC
  // Flows are millions of small objects (docs/decisions/0002-mimalloc.md).
  mi_option_disable(mi_option_large_os_pages);
  mi_option_set(mi_option_decommit_delay, 500);  // ms: what ended flows leave is asked for again when their report is made
#endif
  return sealtrace::run({argv + 1, argv + argc});
}
