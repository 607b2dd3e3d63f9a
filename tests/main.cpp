// The main function of a test program, which Catch2 of version 2 has in its header.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
