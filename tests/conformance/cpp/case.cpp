#include "case.hpp"

std::string decode_base64(const std::string& text)
{
    static const std::string alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned pending = 0, bits = 0;
    for (char c : text) {
        if (c == '=')
            break;
        pending = (pending << 6 | static_cast<unsigned>(alphabet.find(c))) & 0xffffU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(pending >> bits & 0xffU);
        }
    }
    return bytes;
}
