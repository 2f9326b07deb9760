package sac

// #include "shim.h"
import "C"

import (
	"net/http"
	"time"
)

// VerifyWebhook verifies that the sender of a webhook knows a secret, that nobody changed the webhook, and
// that it is not an old one. It returns the webhook's id, which stays the same if the sender sends the
// webhook again; "" if there is none, always for [WebhookSlack]. For [WebhookStripe], the id is the member
// "id" of the body. [WebhookGitHub] and [WebhookShopify] do not sign it.
//
// secrets are the secrets as the sender shows them. Each is valid, so that a secret can be changed. body is
// the body as it arrived, before any decoding or parsing:
//
//	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
//	…
//	id, err := sac.VerifyWebhook(sac.WebhookStripe, []string{secret}, r.Header, body, 5*time.Minute)
//
// tolerance is the greatest difference between the time of the signature and the clock, in both directions,
// rounded down to whole seconds, but at least one second; 0 accepts any. It has no effect for GitHub and
// Shopify, which sign no time.
//
// The error is [ErrSignature] if the webhook does not verify, and [ErrInvalidArgument] if a secret cannot be
// used. Several goroutines may call VerifyWebhook at the same time.
func VerifyWebhook(scheme WebhookScheme, secrets []string, header http.Header, body []byte, tolerance time.Duration) (id string, err error) {
	const what = "the webhook"
	if tolerance < 0 {
		return "", newError(ErrInvalidArgument, what+": the tolerance is negative")
	}
	// An empty text after the last, so that an empty list has an address.
	secretTexts, err := newCStrings(ErrInvalidArgument, what+": a secret", append(secrets[:len(secrets):len(secrets)], "")...)
	if err != nil {
		return "", err
	}
	defer secretTexts.wipe()
	var fields []string
	for name, values := range header {
		for _, value := range values {
			fields = append(fields, name, value)
		}
	}
	fieldTexts, err := newCStrings(ErrSignature, what+": a header field", append(fields, "")...)
	if err != nil {
		return "", err
	}
	defer fieldTexts.wipe()
	var first *C.uint8_t
	if len(body) > 0 {
		first = (*C.uint8_t)(&body[0])
	}
	var out *C.char
	code := C.gosac_webhook_verify(C.int32_t(scheme), secretTexts.at(0), C.size_t(len(secrets)), fieldTexts.at(0),
		C.size_t(len(fields)/2), first, C.size_t(len(body)), C.uint64_t(toSeconds(tolerance)), &out)
	if err := errorOf(code, what); err != nil {
		return "", err
	}
	return takeString(out), nil
}
