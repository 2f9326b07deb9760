/// @file
/// Reading any JSON text like the body of a response.
#ifndef SAC_PARSE_HPP
#define SAC_PARSE_HPP

#include <sac/response.hpp>

namespace sac {

/// Makes a response from any JSON text, for example a journal, statistics, or the body of a
/// webhook, so that the same functions read it. The text is copied. Damaged JSON is repaired, like
/// the body of a response. The status is 0. The error is `Code::not_json` if the text cannot be
/// repaired.
///
///     const sac::Response journal = sac::json_parse(response.journal());
///     for (sac::Node attempt : journal.root())
///         std::cout << attempt["status"].get<int>(0) << '\n';
SAC_HPP_NODISCARD inline Response json_parse(const detail::ByteInput& text)
{
    return Response(sac_json_parse(text.data(), text.size()));
}

}  // namespace sac

#endif
