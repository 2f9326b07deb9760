package sac

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// secure starts a TLS server, and returns its certificate as PEM.
func secure(t *testing.T, versions ...uint16) (*httptest.Server, []byte) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "{}")
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{}
	if len(versions) > 0 {
		server.TLS.MaxVersion = versions[0]
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

func TestACertificateIsVerifiedUnlessVerifyIsOff(t *testing.T) {
	server, certificate := secure(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newClient(t, server.URL).Get(background, "/"); !errors.Is(err, ErrTLS) {
		t.Errorf("an unknown authority: %v", err)
	}
	for name, option := range map[string]Option{
		"WithCAPEM": WithCAPEM(certificate), "WithCAFile": WithCAFile(file), "WithVerify": WithVerify(false),
	} {
		client := newClient(t, server.URL, option)
		if _, err := client.Get(background, "/"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newClient(t, server.URL).Get(background, "/", Verify(false)); err != nil {
		t.Errorf("Verify: %v", err)
	}
	if _, err := newClient(t, server.URL, WithVerify(false)).Get(background, "/", Verify(true)); !errors.Is(err, ErrTLS) {
		t.Errorf("Verify(true): %v", err)
	}
}

func TestOnlyAServerWithAPinnedKeyIsAccepted(t *testing.T) {
	server, certificate := secure(t)
	digest := sha256.Sum256(server.Certificate().RawSubjectPublicKeyInfo)
	right := "sha256//" + base64.StdEncoding.EncodeToString(digest[:])
	wrong := "sha256//" + base64.StdEncoding.EncodeToString(make([]byte, sha256.Size))
	client := newClient(t, server.URL, WithCAPEM(certificate), WithPinnedKeys(wrong))
	if _, err := client.Get(background, "/"); !errors.Is(err, ErrTLS) || !strings.Contains(err.Error(), right) {
		t.Errorf("another key: %v", err)
	}
	for _, pins := range []string{wrong + ";" + right, ""} {
		if err := client.Set(WithPinnedKeys(pins)); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Get(background, "/"); err != nil {
			t.Errorf("pins %q: %v", pins, err)
		}
	}
	if err := client.Set(WithPinnedKeys("sha256//x")); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("no digest: %v", err)
	}
}

func TestTheMinimumTLSVersionIsEnforced(t *testing.T) {
	server, certificate := secure(t, tls.VersionTLS12)
	client := newClient(t, server.URL, WithCAPEM(certificate), WithMinTLS(tls.VersionTLS13))
	if _, err := client.Get(background, "/"); !errors.Is(err, ErrTLS) {
		t.Errorf("TLS 1.2, although the minimum is 1.3: %v", err)
	}
	client = newClient(t, server.URL, WithCAPEM(certificate), WithMinTLS(tls.VersionTLS12))
	if _, err := client.Get(background, "/"); err != nil {
		t.Errorf("TLS 1.2: %v", err)
	}
}

func TestTimesAreRoundedUpToMilliseconds(t *testing.T) {
	for span, want := range map[time.Duration]uint64{
		0: 0, 1: 1, time.Millisecond: 1, time.Millisecond + 1: 2, time.Second: 1000,
	} {
		if ms, err := milliseconds("", span); err != nil || ms != want {
			t.Errorf("%v is %d ms, %v", span, ms, err)
		}
	}
	if duration(1<<64-1) <= 0 {
		t.Error("a delay that is too long for a Duration becomes 0 or negative")
	}
}

func TestSettingsOfTheClientApplyToEachCall(t *testing.T) {
	silent, _ := serveSilence(t)
	for name, test := range map[string]struct {
		option Option
		url    string
		code   Code
	}{
		"WithTimeout":     {WithTimeout(20 * time.Millisecond), silent.URL, ErrTimeout},
		"WithReadTimeout": {WithReadTimeout(20 * time.Millisecond), silent.URL, ErrTimeout},
		"WithDeadline":    {WithDeadline(20 * time.Millisecond), silent.URL, ErrTimeout},
		"WithMaxBody":     {WithMaxBody(1), serveReplies(t, jsonReply("[1]")).URL, ErrTooLarge},
		"WithRedirects":   {WithRedirects(0), serveReplies(t, reply("302 Found", "Location: /", "")).URL, OK},
		"WithRateLimit":   {WithRateLimit(1, time.Hour, 1), serveReplies(t, jsonReply("{}")).URL, ErrRateLimited},
		"several": {func(c *Client) error { return c.Set(WithConnectTimeout(time.Second), WithMaxBody(1)) },
			serveReplies(t, jsonReply("[1]")).URL, ErrTooLarge},
	} {
		client := newClient(t, test.url, test.option)
		if name == "WithRateLimit" {
			mustGet(t, client, "/the one that is allowed", Deadline(time.Minute))
		}
		var options []RequestOption
		if name != "WithDeadline" {
			options = append(options, Deadline(time.Minute)) // so that no call waits an hour for the rate limit
		}
		response, err := client.Get(background, "/", options...)
		if response.Code != test.code || (test.code == OK) != (err == nil) {
			t.Errorf("%s: %v, %v", name, response.Code, err)
		}
	}
}

func TestSettingsOfARequestReplaceTheClients(t *testing.T) {
	busy := reply("503 Busy", "", "")
	server := serveReplies(t, busy, busy, jsonReply("{}"))
	client := newClient(t, server.URL, WithRetries(5), WithRetryAfterMax(time.Second))
	response, err := client.Get(background, "/", Retries(0))
	if !errors.Is(err, ErrStatus) || response.Attempts != 1 {
		t.Errorf("Retries(0): %d attempts, %v", response.Attempts, err)
	}
	response, err = client.Get(background, "/", RetryStatuses(), Backoff(0, 0))
	if !errors.Is(err, ErrStatus) || response.Attempts != 1 {
		t.Errorf("RetryStatuses(): %d attempts, %v", response.Attempts, err)
	}
	for name, option := range map[string]RequestOption{
		"Timeout": Timeout(20 * time.Millisecond), "ReadTimeout": ReadTimeout(20 * time.Millisecond),
		"Deadline": Deadline(20 * time.Millisecond),
	} {
		silent, _ := serveSilence(t)
		if _, err := newClient(t, silent.URL).Get(background, "/", option); !errors.Is(err, ErrTimeout) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARequestMayHaveItsOwnConnection(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL, WithConnectionMaxAge(time.Minute))
	for _, keep := range []bool{true, false, true, true} {
		mustGet(t, client, "/", KeepAlive(keep), ConnectTimeout(time.Minute))
	}
	for i, request := range server.requests() {
		if closes := headerIn(request, "Connection") == "close"; closes != (i == 1) {
			t.Errorf("request %d: %q", i, request)
		}
	}
	if count := server.connectionCount(); count != 2 {
		t.Errorf("%d connections", count)
	}
}

func TestARateLimitDelayBeyondTheDeadlineEndsTheCall(t *testing.T) {
	client := newClient(t, serveReplies(t, jsonReply("{}")).URL, WithRateLimit(1, time.Hour, 1))
	mustGet(t, client, "/")
	ctx, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	response, err := client.Get(ctx, "/")
	if !errors.Is(err, ErrRateLimited) || response.Attempts != 0 || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%d attempts, %v", response.Attempts, err)
	}
}
