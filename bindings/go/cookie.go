package sac

// #include "shim.h"
import "C"

import (
	"encoding/json"
	"time"
)

// CookieSign signs a payload as a cookie value, `<json>.<timestamp>.<mac>`: the format of itsdangerous'
// TimestampSigner, with the time of now. The payload is written as [JSON] writes it, and has to be an
// object; keyID is added to it.
//
// To stand in a Cookie header field the value has to be written as a quoted string, which
// [WithSignedCookie] does by itself.
func CookieSign(payload any, keyID, key string, digest Digest) (string, error) {
	const what = "the signed cookie"
	text, err := jsonText(payload)
	if err != nil {
		return "", err
	}
	texts, err := newTexts(ErrInvalidArgument, what, withoutNUL(text), keyID, key)
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
// string, and returns its payload. keys are the keys by their names; the payload names the one that
// counts. maxAge is the greatest age, in whole seconds, parts of one being cut off but for the first;
// 0 for any.
//
// A wrong signature, an unknown key, one that is too old and a timestamp of the future are an
// [ErrInvalidCookie].
func CookieVerify(cookie string, keys map[string]string, maxAge time.Duration, digest Digest) (json.RawMessage, error) {
	const what = "the signed cookie"
	if maxAge < 0 {
		return nil, newError(ErrInvalidArgument, what+": the greatest age is negative")
	}
	cookieText, err := newTexts(ErrInvalidCookie, what, cookie)
	if err != nil {
		return nil, err
	}
	defer cookieText.wipe()
	row := make([]string, 0, 2*len(keys)+1)
	for name, key := range keys {
		row = append(row, name, key)
	}
	keyTexts, err := newTexts(ErrInvalidArgument, what+": a key", append(row, "")...)
	if err != nil {
		return nil, err
	}
	defer keyTexts.wipe()
	var out *C.char
	code := C.gosac_cookie_verify(cookieText.at(0), keyTexts.at(0), C.size_t(len(keys)),
		C.uint64_t(wholeSeconds(maxAge)), C.int32_t(digest), &out)
	if err := errorOf(code, what); err != nil {
		return nil, err
	}
	return json.RawMessage(takeString(out)), nil
}

// wholeSeconds rounds down, but not to 0, which would be no limit.
func wholeSeconds(span time.Duration) uint64 {
	if span > 0 && span < time.Second {
		return 1
	}
	return uint64(span / time.Second)
}
