// The main function of the tests if only the header of Catch2 2 is available, as for another
// architecture.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
