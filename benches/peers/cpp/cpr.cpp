// cpr: one session for each thread, which is kept.
#include "peer.h"

#include <cpr/cpr.h>

#include <cstdlib>
#include <string>

void peer_start(const peer_plan*) {}
void peer_stop() {}

void* peer_open(const peer_plan* plan)
{
    auto* session = new cpr::Session;
    session->SetUrl(std::string(plan->base_url) + plan->path);
    session->SetHeader({{"Accept", plan->mode == PEER_BINARY ? PEER_ACCEPT_BINARY : PEER_ACCEPT_JSON}});
    session->SetTimeout(cpr::Timeout(30000));
    session->SetConnectTimeout(cpr::ConnectTimeout(10000));
    if (const char* file = std::getenv("SSL_CERT_FILE"))
        session->SetSslOptions(cpr::Ssl(cpr::ssl::CaInfo{std::string(file)}));
    return session;
}

void peer_close(void* own)
{
    delete static_cast<cpr::Session*>(own);
}

void peer_call(const peer_plan* plan, void* own)
{
    const cpr::Response response = static_cast<cpr::Session*>(own)->Get();
    if (response.error)
        peer_fail(response.error.message.c_str());
    peer_check(plan, response.status_code, response.text.size(), nullptr);
}
