package sac

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	webhookSecret    = "It's a Secret to Everybody"
	webhookBody      = "Hello, World!"
	webhookSignature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
)

var webhookSchemes = map[string]WebhookScheme{"standard": WebhookStandard, "stripe": WebhookStripe,
	"github": WebhookGitHub, "shopify": WebhookShopify, "slack": WebhookSlack}

// TestEachCaseOfAWebhookHasItsResult reads the cases of all languages.
func TestEachCaseOfAWebhookHasItsResult(t *testing.T) {
	text, err := os.ReadFile("../../tests/webhooks.json")
	if os.IsNotExist(err) {
		t.Skip("webhooks.json is not here: this is not the project's source tree")
	}
	var cases []struct {
		Name, Scheme, Body, Code, ID string
		Secrets                      []string
		Headers                      [][2]string
		Tolerance                    int `json:"tolerance_s"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 80 {
		t.Fatalf("only %d cases in webhooks.json", len(cases))
	}
	for _, one := range cases {
		header := http.Header{}
		for _, field := range one.Headers {
			header.Add(field[0], field[1])
		}
		id, err := VerifyWebhook(webhookSchemes[one.Scheme], one.Secrets, header, []byte(one.Body),
			time.Duration(one.Tolerance)*time.Second)
		code := OK
		if err != nil {
			var failed *Error
			if !errors.As(err, &failed) {
				t.Fatalf("%s: %v is not an Error", one.Name, err)
			}
			code = failed.Code
		}
		if code.Name() != one.Code || id != one.ID {
			t.Errorf("%s: %s with the id %q (%v), not %s with the id %q", one.Name, code.Name(), id, err, one.Code, one.ID)
		}
	}
}

// signedForSlack returns the header fields of a webhook that was signed at this time.
func signedForSlack(at time.Time) http.Header {
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	fmt.Fprintf(mac, "v0:%d:%s", at.Unix(), webhookBody)
	return http.Header{
		"X-Slack-Signature":         {"v0=" + hex.EncodeToString(mac.Sum(nil))},
		"X-Slack-Request-Timestamp": {fmt.Sprint(at.Unix())},
	}
}

func TestTheToleranceOfAWebhookHoldsInBothDirections(t *testing.T) {
	now := time.Now()
	for name, test := range map[string]struct {
		at        time.Time
		tolerance time.Duration
		want      error
	}{
		"now":                    {now, 5 * time.Minute, nil},
		"an hour ago":            {now.Add(-time.Hour), 5 * time.Minute, ErrSignature},
		"in an hour":             {now.Add(time.Hour), 5 * time.Minute, ErrSignature},
		"an hour ago, two hours": {now.Add(-time.Hour), 2 * time.Hour, nil},
		"in an hour, two hours":  {now.Add(time.Hour), 2 * time.Hour, nil},
		"an hour ago, any time":  {now.Add(-time.Hour), 0, nil},
		// Less than a second must not become 0, which accepts any.
		"an hour ago, no second": {now.Add(-time.Hour), time.Nanosecond, ErrSignature},
		"a negative tolerance":   {now, -time.Second, ErrInvalidArgument},
	} {
		_, err := VerifyWebhook(WebhookSlack, []string{webhookSecret}, signedForSlack(test.at), []byte(webhookBody), test.tolerance)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, not %v", name, err, test.want)
		}
	}
}

func TestInvalidInputToAWebhookIsRefused(t *testing.T) {
	header := http.Header{"X-Hub-Signature-256": {webhookSignature}}
	for name, test := range map[string]struct {
		scheme  WebhookScheme
		secrets []string
		header  http.Header
		code    Code
	}{
		"no scheme":              {0, []string{webhookSecret}, header, ErrInvalidArgument},
		"no secret":              {WebhookGitHub, nil, header, ErrInvalidArgument},
		"an empty secret":        {WebhookGitHub, []string{""}, header, ErrInvalidArgument},
		"a NUL in a secret":      {WebhookGitHub, []string{"s3cret\x00"}, header, ErrInvalidArgument},
		"a secret not in UTF-8":  {WebhookGitHub, []string{"s3cret\xff"}, header, ErrInvalidUTF8},
		"no header":              {WebhookGitHub, []string{webhookSecret}, nil, ErrSignature},
		"another secret":         {WebhookGitHub, []string{"s3cret"}, header, ErrSignature},
		"a NUL in a field":       {WebhookGitHub, []string{webhookSecret}, http.Header{"X-Hub-Signature-256": {webhookSignature + "\x00"}}, ErrSignature},
		"fields of other values": {WebhookGitHub, []string{webhookSecret}, http.Header{"\xff": {"\xff"}, "X-Hub-Signature-256": {"\xff"}}, ErrSignature},
	} {
		id, err := VerifyWebhook(test.scheme, test.secrets, test.header, []byte(webhookBody), 0)
		if !errors.Is(err, test.code) || id != "" {
			t.Errorf("%s: %q, %v, not %v", name, id, err, test.code)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error contains the secret: %v", name, err)
		}
	}
}

// TestVerifyWebhookDoesNotChangeItsArguments runs with the race detector too.
func TestVerifyWebhookDoesNotChangeItsArguments(t *testing.T) {
	all := []string{"new", webhookSecret, "old"}
	secrets, header, body := all[:2], http.Header{"X-Hub-Signature-256": {webhookSignature}}, []byte(webhookBody)
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			if _, err := VerifyWebhook(WebhookGitHub, secrets, header, body, time.Minute); err != nil {
				t.Error(err)
			}
		}()
	}
	group.Wait()
	if fmt.Sprint(all) != fmt.Sprint([]string{"new", webhookSecret, "old"}) || string(body) != webhookBody {
		t.Errorf("the arguments are now %q and %q", all, body)
	}
}
