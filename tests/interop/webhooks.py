"""Checks webhooks between libsac and the packages of their senders; check.py runs them.

GitHub and Shopify have no package for Python that signs or verifies webhooks. Their documentation has the code.
"""

import base64
import hashlib
import hmac
import json
import time

from datetime import datetime, timezone

from checks import expect
from slack_sdk.signature import SignatureVerifier
from standardwebhooks import Webhook, WebhookVerificationError
from stripe import SignatureVerificationError, WebhookSignature

SECRET = "whsec_" + base64.b64encode(bytes(range(200, 224))).decode()
BODIES = {
    "JSON": json.dumps({"id": "evt_1", "object": "event"}, indent=2),
    "beyond ASCII": json.dumps({"id": "evt_1", "name": "Grüße, 日本語 👋"}, ensure_ascii=False),
    "a form": "token=xyz&text=94070&user_name=roadrunner",
    "empty": "",
    "line ends": "\r\n\n\t \r",
}
DEFAULT_TOLERANCE_S = 300


def sha256(body):
    return hmac.new(SECRET.encode(), body.encode(), hashlib.sha256)


def sign_standard(body, at):
    signature = Webhook(SECRET).sign("msg_1", datetime.fromtimestamp(at, tz=timezone.utc), body)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signature}


def sign_stripe(body, at):
    return {"Stripe-Signature": WebhookSignature.generate_signature_header(body, SECRET, at)}


def sign_slack(body, at):
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=str(at), body=body)
    return {"X-Slack-Signature": signature, "X-Slack-Request-Timestamp": str(at)}


def sign_github(body, _):
    return {"X-Hub-Signature-256": "sha256=" + sha256(body).hexdigest(), "X-GitHub-Delivery": "72d3"}


def sign_shopify(body, _):
    signature = base64.b64encode(sha256(body).digest()).decode()
    return {"X-Shopify-Hmac-Sha256": signature, "X-Shopify-Webhook-Id": "b545"}


# The number of each scheme in C, how its webhooks are signed, and their id.
SCHEMES = {
    "standard": ("1", sign_standard, "msg_1"),
    "stripe": ("2", sign_stripe, "evt_1"),
    "github": ("3", sign_github, "72d3"),
    "shopify": ("4", sign_shopify, "b545"),
    "slack": ("5", sign_slack, ""),
}
# Those that sign a time.
TIMED = ("standard", "stripe", "slack")


def signed_webhooks_verify(client, _):
    for scheme, (number, sign, known_id) in SCHEMES.items():
        for name, body in BODIES.items():
            code, found = client.webhook(number, DEFAULT_TOLERANCE_S, SECRET, body, sign(body, int(time.time())))
            expect(code == "SAC_OK", f"{scheme}, {name}: {code}")
            has_id = scheme != "stripe" or body.startswith("{")
            expect(found == (known_id if has_id else ""), f"{scheme}, {name}: the id is {found!r}")
    return f"{len(BODIES)} bodies for each of {', '.join(SCHEMES)}"


def forged_webhooks_are_refused(client, _):
    now, body = int(time.time()), BODIES["JSON"]
    for scheme, (number, sign, _) in SCHEMES.items():
        forgeries = {
            "another body": (body + "\n", sign(body, now), SECRET),
            "another secret": (body, sign(body, now), SECRET[:-1] + "A"),
            "no fields": (body, {}, SECRET),
        }
        if scheme in TIMED:
            forgeries["an old one"] = (body, sign(body, now - 3600), SECRET)
            forgeries["one from the future"] = (body, sign(body, now + 3600), SECRET)
        for name, (received, headers, secret) in forgeries.items():
            code, found = client.webhook(number, DEFAULT_TOLERANCE_S, secret, received, headers)
            expect(code == "SAC_ERR_SIGNATURE" and found == "", f"{scheme}, {name}: {code} {found}")


def hmacs_are_accepted(client, _):
    """The senders' packages verify signatures that sac_hmac computed."""
    now, body = str(int(time.time())), BODIES["beyond ASCII"]
    mac = client.hmac(SECRET, f"{now}.{body}", "hex")
    try:
        WebhookSignature.verify_header(body, f"t={now},v1={mac}", SECRET, DEFAULT_TOLERANCE_S)
    except SignatureVerificationError as error:
        raise AssertionError(f"stripe refuses the HMAC of libsac: {error}") from error

    headers = {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": "v0=" + client.hmac(SECRET, f"v0:{now}:{body}", "hex")}
    expect(SignatureVerifier(SECRET).is_valid_request(body, headers), "slack_sdk refuses the HMAC of libsac")

    # A key of ASCII, because the program gets it as an argument.
    key = "a key of 24 bytes, ASCII"
    signature = "v1," + client.hmac(key, f"msg_1.{now}.{body}", "base64")
    fields = {"webhook-id": "msg_1", "webhook-timestamp": now, "webhook-signature": signature}
    try:
        Webhook(key.encode()).verify(body, fields)
    except WebhookVerificationError as error:
        raise AssertionError(f"standardwebhooks refuses the HMAC of libsac: {error}") from error


CHECKS = {
    "sac_webhook_verify accepts what the senders' packages sign": signed_webhooks_verify,
    "sac_webhook_verify refuses forged webhooks": forged_webhooks_are_refused,
    "the senders' packages accept what sac_hmac computes": hmacs_are_accepted,
}
