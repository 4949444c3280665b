#include "dissectors/_template/specimen_parse.hpp"

namespace sealtrace {

Parsed<SpecimenGreeting> parse_specimen_greeting(Bytes stream) {
  ParseScope scope;
  ByteReader message{stream, scope};
  message.supported(message.u8("VER") == kSpecimenVersion, "VER");
  const std::size_t num_methods = message.u8("NMETHODS");
  message.require(num_methods != 0, "NMETHODS");
  SpecimenGreeting greeting;
  greeting.methods = message.bytes(num_methods, "METHODS");
  greeting.length = message.offset();
  return scope.finish(greeting);
}

Parsed<SpecimenSelection> parse_specimen_selection(Bytes stream) {
  ParseScope scope;
  ByteReader message{stream, scope};
  message.supported(message.u8("VER") == kSpecimenVersion, "VER");
  SpecimenSelection selection;
  selection.method = SpecimenMethod{message.u8("METHOD")};
  selection.length = message.offset();
  return scope.finish(selection);
}

}  // namespace sealtrace
