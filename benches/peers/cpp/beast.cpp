// Boost.Beast: a blocking socket for each thread, which is kept with its buffers. With WITH_SIMDJSON it also reads the
// values, with simdjson's On-Demand interface, which checks only what it reads.
#include "peer.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>

#include <exception>
#include <string>
#ifdef WITH_SIMDJSON
#include <simdjson.h>
#endif

namespace http = boost::beast::http;
using tcp = boost::asio::ip::tcp;

namespace {

struct Exchange {
    boost::asio::io_context context;
    tcp::socket socket{context};
    boost::beast::flat_buffer buffer;
    http::request<http::empty_body> request;
    std::string body;
#ifdef WITH_SIMDJSON
    simdjson::ondemand::parser json;
#endif
};

// The base URL is http:// with a host and a port.
Exchange* open(const peer_plan* plan)
{
    auto* own = new Exchange;
    const std::string authority = std::string(plan->base_url).substr(sizeof "http://" - 1);
    const auto colon = authority.find(':');
    tcp::resolver resolver(own->context);
    boost::asio::connect(own->socket, resolver.resolve(authority.substr(0, colon), authority.substr(colon + 1)));
    own->socket.set_option(tcp::no_delay(true));
    own->request = {http::verb::get, plan->path, 11};
    own->request.set(http::field::host, authority);
    own->request.set(http::field::user_agent, BOOST_BEAST_VERSION_STRING);
    own->request.set(http::field::accept, plan->mode == PEER_BINARY ? PEER_ACCEPT_BINARY : PEER_ACCEPT_JSON);
    return own;
}

#ifdef WITH_SIMDJSON
double walk(simdjson::ondemand::document& document)
{
    double sum = 0;
    for (simdjson::ondemand::object object : document[PEER_LIST]) {
        peer_item item{};
        item.id = object["id"];
        item.name = std::string_view(object["name"]).size();
        item.price = object["price"];
        item.active = object["active"];
        item.login = std::string_view(object["owner"]["login"]).size();
        sum += peer_sum(&item);
    }
    return sum;
}

void check(const peer_plan* plan, Exchange* own, unsigned status)
{
    own->body.reserve(own->body.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::document document = own->json.iterate(own->body);
    std::string value;
    if (plan->mode == PEER_WALK) {
        const double sum = walk(document);
        peer_check_sum(sum, document["sum"]);
    } else {
        value = std::string(std::string_view(document[PEER_MEMBER]));
    }
    peer_check(plan, status, own->body.size(), value.c_str());
}
#else
void check(const peer_plan* plan, Exchange* own, unsigned status)
{
    peer_check(plan, status, own->body.size(), nullptr);
}
#endif

void call(const peer_plan* plan, Exchange* own)
{
    http::write(own->socket, own->request);
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    own->body.clear();
    parser.get().body() = std::move(own->body);
    http::read(own->socket, own->buffer, parser);
    own->body = std::move(parser.get().body());
    check(plan, own, parser.get().result_int());
}

} // namespace

void peer_start(const peer_plan*) {}
void peer_stop() {}

void* peer_open(const peer_plan* plan)
{
    try {
        return open(plan);
    } catch (const std::exception& error) {
        peer_fail(error.what());
        return nullptr;
    }
}

void peer_close(void* own)
{
    delete static_cast<Exchange*>(own);
}

void peer_call(const peer_plan* plan, void* own)
{
    try {
        call(plan, static_cast<Exchange*>(own));
    } catch (const std::exception& error) {
        peer_fail(error.what());
    }
}
