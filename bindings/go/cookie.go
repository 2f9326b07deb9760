package sac

// #include "shim.h"
import "C"

import (
	"encoding/json"
	"time"
)

// CookieSign signs a payload as a cookie value, `<json>.<timestamp>.<mac>`: the format of itsdangerous'
// TimestampSigner, with the current time. The payload is encoded as [JSON] encodes it, and must be an
// object. CookieSign adds keyID to it.
//
// In a Cookie header field, the value must be a quoted string. [WithSignedCookie] does that itself.
func CookieSign(payload any, keyID, key string, digest Digest) (string, error) {
	const what = "the signed cookie"
	text, err := jsonText(payload)
	if err != nil {
		return "", err
	}
	texts, err := newCStrings(ErrInvalidArgument, what, trimNUL(text), keyID, key)
	if err != nil {
		return "", err
	}
	defer texts.wipe()
	var out *C.char
	code := C.sac_cookie_sign(texts.at(0), texts.at(1), texts.at(2), C.int32_t(digest), &out)
	if err := errorOf(code, what); err != nil {
		return "", err
	}
	return takeString(out), nil
}

// CookieVerify verifies a cookie value that [CookieSign] or itsdangerous signed, raw or as a quoted
// string, and returns its payload. keys maps names to keys; the payload names the key to use. maxAge is
// the greatest accepted age, rounded down to whole seconds, but at least one second; 0 accepts any age.
//
// The error is [ErrInvalidCookie] if the signature is wrong, the key is unknown, the cookie is too old, or
// its timestamp is in the future.
func CookieVerify(cookie string, keys map[string]string, maxAge time.Duration, digest Digest) (json.RawMessage, error) {
	const what = "the signed cookie"
	if maxAge < 0 {
		return nil, newError(ErrInvalidArgument, what+": the greatest age is negative")
	}
	cookieText, err := newCStrings(ErrInvalidCookie, what, cookie)
	if err != nil {
		return nil, err
	}
	defer cookieText.wipe()
	row := make([]string, 0, 2*len(keys)+1)
	for name, key := range keys {
		row = append(row, name, key)
	}
	keyTexts, err := newCStrings(ErrInvalidArgument, what+": a key", append(row, "")...)
	if err != nil {
		return nil, err
	}
	defer keyTexts.wipe()
	var out *C.char
	code := C.gosac_cookie_verify(cookieText.at(0), keyTexts.at(0), C.size_t(len(keys)),
		C.uint64_t(toSeconds(maxAge)), C.int32_t(digest), &out)
	if err := errorOf(code, what); err != nil {
		return nil, err
	}
	return json.RawMessage(takeString(out)), nil
}

// toSeconds rounds down, but not to 0, which would mean no limit.
func toSeconds(span time.Duration) uint64 {
	if span > 0 && span < time.Second {
		return 1
	}
	return uint64(span / time.Second)
}
