// The `risetime` command.
#include "core/cli/command.hpp"

int main(int argument_count, char** arguments) { return risetime::core::run_command_line(argument_count, arguments); }
