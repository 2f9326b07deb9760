package sac

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// tokenServer accepts a token, refuses every other one, and issues it at /token.
func tokenServer(t *testing.T, issued string) *rawServer {
	return serve(t, func(request string, _ int) (string, bool) {
		switch {
		case strings.HasPrefix(request, "POST /token"):
			return jsonReply(issued), true
		case headerIn(request, "Authorization") == "Bearer good":
			return jsonReply("{}"), true
		}
		return reply("401 Unauthorized", "Content-Type: application/json", `{"error":"bad token"}`), true
	})
}

func TestATokenSourceIsAskedOnceAndAgainAfterARefusal(t *testing.T) {
	server := tokenServer(t, "")
	var reasons []TokenReason // without a lock: one goroutine at a time asks
	source := TokenFunc(func(_ context.Context, reason TokenReason) (Token, error) {
		reasons = append(reasons, reason)
		if len(reasons) == 1 {
			return Token{Value: "bad"}, nil
		}
		return Token{Value: "good", ExpiresIn: time.Hour}, nil
	})
	client := newClient(t, server.URL, WithTokenSource(source))
	var calls sync.WaitGroup
	for i := 0; i < 32; i++ {
		calls.Add(1)
		go func() {
			defer calls.Done()
			if _, err := client.Get(background, "/"); err != nil {
				t.Error(err)
			}
		}()
	}
	calls.Wait()
	clone, err := client.Clone()
	if err != nil {
		t.Fatal(err)
	}
	defer clone.Close()
	mustGet(t, clone, "/")
	if got := fmt.Sprint(reasons); got != "[needed refused]" {
		t.Errorf("asked because of %s", got)
	}
}

func TestAnErrorOfATokenSourceIsTheErrorOfTheCall(t *testing.T) {
	server := tokenServer(t, "")
	sealed := errors.New("the vault is sealed")
	type key struct{}
	ctx := context.WithValue(background, key{}, "call")
	client := newClient(t, server.URL, WithTokenSource(TokenFunc(func(ctx context.Context, _ TokenReason) (Token, error) {
		if ctx.Value(key{}) != "call" {
			t.Error("the source does not have the context of the call")
		}
		return Token{}, sealed
	})))
	_, err := client.Get(ctx, "/")
	if !errors.Is(err, ErrToken) || !errors.Is(err, sealed) {
		t.Errorf("got %v", err)
	}
	if !strings.HasSuffix(err.Error(), "SAC_ERR_TOKEN: the TokenSource failed: the vault is sealed") {
		t.Errorf("got %q", err)
	}
	if _, err := client.Get(background, "/"); !errors.Is(err, ErrToken) {
		t.Errorf("a later call got %v", err)
	}
	if len(server.requests()) != 0 {
		t.Error("a request was sent without a token")
	}
}

func TestATokenSourceMayPanicAndMayNotNeedItsOwnToken(t *testing.T) {
	server := tokenServer(t, "")
	client := newClient(t, server.URL, WithTokenSource(TokenFunc(func(context.Context, TokenReason) (Token, error) {
		panic("no token today")
	})))
	if _, err := client.Get(background, "/"); !errors.Is(err, ErrInternal) || !strings.Contains(err.Error(), "no token today") {
		t.Errorf("got %v", err)
	}
	var inner error
	err := client.Set(WithTokenSource(TokenFunc(func(ctx context.Context, _ TokenReason) (Token, error) {
		_, inner = client.Get(ctx, "/inner")
		return Token{Value: "good"}, nil
	})))
	if err != nil {
		t.Fatal(err)
	}
	mustGet(t, client, "/")
	if !errors.Is(inner, ErrToken) {
		t.Errorf("the inner call got %v", inner)
	}
}

func TestASourceThatGivesUpWithItsCallIsAskedAgainByTheNext(t *testing.T) {
	server := tokenServer(t, "")
	asked := 0
	source := TokenFunc(func(ctx context.Context, _ TokenReason) (Token, error) {
		asked++
		if asked == 1 {
			<-ctx.Done()
			return Token{}, ctx.Err()
		}
		return Token{Value: "good"}, nil
	})
	client := newClient(t, server.URL, WithTokenSource(source))
	ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	if _, err := client.Get(ctx, "/"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error of the call is %v", err)
	}
	mustGet(t, client, "/")
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

func TestATokenWithAControlCharacterIsRefused(t *testing.T) {
	server := tokenServer(t, "")
	for _, token := range []Token{{}, {Value: "a\nb"}, {Value: "a\x00b"}, {Value: "a", ExpiresIn: -1}} {
		token := token
		client := newClient(t, server.URL, WithTokenSource(TokenFunc(func(context.Context, TokenReason) (Token, error) {
			return token, nil
		})))
		if _, err := client.Get(background, "/"); !strings.Contains(fmt.Sprint(err), "the TokenSource failed") {
			t.Errorf("%q: got %v", token.Value, err)
		}
	}
}

func TestNoTextShowsAToken(t *testing.T) {
	token := Token{Value: "s3cret", ExpiresIn: time.Hour}
	saved := SavedToken{Access: token, Refresh: "s3cret"}
	text, err := json.Marshal([]any{token, saved, &saved})
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %+v %#v %s %v %+v %#v %s", token, token, token, token, saved, saved, &saved, text)
	shown += fmt.Sprintf("%d %q %x %d %x", token, token, token, saved, &saved)
	if strings.Contains(shown, "s3cret") || strings.Contains(shown, "733363726574") {
		t.Errorf("shown: %s", shown)
	}
}

func TestTheCredentialsOfAClientAreExchangedForAToken(t *testing.T) {
	server := tokenServer(t, `{"access_token":"good","token_type":"Bearer","expires_in":60,"refresh_token":"next"}`)
	var saved atomic.Value
	save := WithTokenSavedFunc(func(_ context.Context, token SavedToken) { saved.Store(token) })
	url := server.URL + "/token"
	for _, source := range []struct {
		option Option
		sent   string
	}{
		{WithClientCredentials(url, "app", "secret", ""), "grant_type=client_credentials"},
		{WithClientCredentials(url, "app", "secret", "a b"), "grant_type=client_credentials&scope=a+b"},
		{WithRefreshToken(url, "app", "secret", "first"), "grant_type=refresh_token&refresh_token=first"},
		{WithRefreshToken(url, "app", "", "first"), "grant_type=refresh_token&refresh_token=first&client_id=app"},
	} {
		before := len(server.requests())
		mustGet(t, newClient(t, server.URL, source.option, save), "/")
		if sent := bodyIn(server.requests()[before]); sent != source.sent {
			t.Errorf("sent %q instead of %q", sent, source.sent)
		}
		want := SavedToken{Access: Token{Value: "good", ExpiresIn: time.Minute}, Refresh: "next"}
		if got := saved.Load(); got != want {
			t.Error("the saved tokens are not those of the server")
		}
	}
	if _, err := New(server.URL, WithClientCredentials("ftp://x", "a", "b", "")); !errors.Is(err, ErrInvalidURL) {
		t.Errorf("got %v", err)
	}
}

func TestATokenFileIsReadAgain(t *testing.T) {
	server := tokenServer(t, "")
	path := filepath.Join(t.TempDir(), "token")
	client := newClient(t, server.URL, WithBearerFile(path))
	if _, err := client.Get(background, "/"); !errors.Is(err, ErrToken) || !strings.Contains(err.Error(), path) {
		t.Errorf("without a file: %v", err)
	}
	if err := os.WriteFile(path, []byte("good\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustGet(t, client, "/")
	if err := client.Set(WithTokenSource(nil), WithTokenSavedFunc(nil)); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Get(background, "/"); !errors.Is(err, ErrStatus) {
		t.Errorf("without a source: %v", err)
	}
}
