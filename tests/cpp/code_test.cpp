#include "support.hpp"

namespace {

// Each constant of sac.h with its enumerator, written by scripts/languages.py.
#define CONSTANT(CONSTANT, ENUMERATOR) \
    static_assert(static_cast<std::int32_t>(sac::ENUMERATOR) == CONSTANT, #CONSTANT);
#include "constants.inc"
#undef CONSTANT

}  // namespace

TEST_CASE("a code has a name and a meaning")
{
    CHECK(std::string(sac::name(sac::Code::timeout)) == "SAC_ERR_TIMEOUT");
    CHECK(std::string(sac::message(sac::Code::timeout)) == sac_code_message(SAC_ERR_TIMEOUT));
}

TEST_CASE("a code is a std::error_code")
{
    const std::error_code timeout = sac::Code::timeout;
    CHECK(timeout == sac::Code::timeout);
    CHECK(timeout != sac::Code::closed);
    CHECK(timeout.category().name() == std::string("sac"));
    CHECK(timeout.message() == sac::message(sac::Code::timeout));
    CHECK_FALSE(std::error_code(sac::Code::ok));
}

TEST_CASE("the library has the version of the headers")
{
    const std::string expected = std::to_string(SAC_VERSION_MAJOR) + '.' +
                                 std::to_string(SAC_VERSION_MINOR) + '.' +
                                 std::to_string(SAC_VERSION_PATCH);
    CHECK(sac::version() == expected);
}
