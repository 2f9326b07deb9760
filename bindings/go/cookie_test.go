package sac

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestASignedCookieIsVerified(t *testing.T) {
	for _, digest := range []Digest{DigestSHA1, DigestSHA256, DigestSHA512} {
		value, err := CookieSign(map[string]string{"user": "ada"}, "k1", "key one", digest)
		if err != nil {
			t.Fatal(err)
		}
		keys := map[string]string{"k0": "key zero", "k1": "key one"}
		payload, err := CookieVerify(value, keys, time.Minute, digest)
		var read struct{ User, KeyID string }
		if err != nil || json.Unmarshal(payload, &read) != nil || read.User != "ada" {
			t.Errorf("digest %d: %s, %v", digest, payload, err)
		}
		for name, test := range map[string]struct {
			value string
			keys  map[string]string
		}{
			"a wrong key":   {value, map[string]string{"k1": "another"}},
			"no such key":   {value, map[string]string{"k0": "key one"}},
			"no key at all": {value, nil},
			"other content": {strings.Replace(value, "ada", "eve", 1), keys},
			"a NUL":         {value + "\x00", keys},
			"nothing":       {"", keys},
		} {
			if payload, err := CookieVerify(test.value, test.keys, 0, digest); !errors.Is(err, ErrInvalidCookie) {
				t.Errorf("%s: %s, %v", name, payload, err)
			}
		}
	}
}

// TestAnOldCookieIsVerifiedButMayBeTooOld uses a cookie that cookie-manager signed in April 2020.
func TestAnOldCookieIsVerifiedButMayBeTooOld(t *testing.T) {
	const value = `{"uuid": "19d66a3e-cf98-4d68-8b9a-1df2a40b067f", "key_id": "service1>service2"}` +
		`.Xo5lgA.i3C_q5NExD1dUc42-jyrv-vcFsc`
	keys := map[string]string{"service1>service2": "ka5ud5455&y&a&e£u£334ee4rka5y&a&e£u£334ud5455&y&£"}
	if payload, err := CookieVerify(value, keys, 0, DigestSHA1); err != nil || !strings.Contains(string(payload), "19d66a3e") {
		t.Errorf("of any age: %s, %v", payload, err)
	}
	for _, maxAge := range []time.Duration{time.Millisecond, time.Hour} {
		if payload, err := CookieVerify(value, keys, maxAge, DigestSHA1); !errors.Is(err, ErrInvalidCookie) {
			t.Errorf("of %v: %s, %v", maxAge, payload, err)
		}
	}
}

func TestInvalidCookieInputIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		payload any
		key     string
		digest  Digest
		code    Code
	}{
		"no object":  {[]int{1}, "k", DigestSHA1, ErrInvalidJSON},
		"no JSON":    {json.RawMessage("{"), "k", DigestSHA1, ErrInvalidJSON},
		"no value":   {make(chan int), "k", DigestSHA1, ErrInvalidJSON},
		"a NUL":      {json.RawMessage("{}\x00"), "k", DigestSHA1, ErrInvalidJSON},
		"a key":      {json.RawMessage("{}"), "s3cret\x00", DigestSHA1, ErrInvalidArgument},
		"no digest":  {json.RawMessage("{}"), "k", 0, ErrInvalidArgument},
		"not UTF-8 ": {json.RawMessage("{}"), "\xff", DigestSHA1, ErrInvalidUTF8},
	} {
		if value, err := CookieSign(test.payload, "id", test.key, test.digest); !errors.Is(err, test.code) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %s, %v", name, value, err)
		}
	}
	if _, err := CookieVerify("x", nil, -time.Second, DigestSHA1); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("a negative age: %v", err)
	}
}
