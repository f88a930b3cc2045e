// The main of the tests where Catch2 2 is there as a header alone (another architecture, say).
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
