#include "app/command.hpp"

int main(int argc, char** argv) { return sealtrace::run({argv + 1, argv + argc}); }
