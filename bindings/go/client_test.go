package sac

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

var background = context.Background()

func TestAResponseHasStatusHeaderJSONAndBody(t *testing.T) {
	const body = `{"id": 42, "name": "Ada"}`
	server := serveReplies(t, reply("201 Created", "X-One: 1\nSet-Cookie: a=1\nSet-Cookie: b=2\nx-odd-NAME: é", body))
	client := newClient(t, server.URL)

	response, err := client.Get(background, "/v1/users/42", Query("a", "b c"), Query("ü", "&"))
	if err != nil {
		t.Fatal(err)
	}
	if response.Code != OK || response.Status != 201 || response.Attempts != 1 || response.Elapsed <= 0 {
		t.Errorf("got %+v", response)
	}
	if string(response.JSON) != body || string(response.Body) != body || response.JSONState != JSONExact {
		t.Errorf("JSON %s, body %s, %v", response.JSON, response.Body, response.JSONState)
	}
	if cookies := response.Header["Set-Cookie"]; !reflect.DeepEqual(cookies, []string{"a=1", "b=2"}) {
		t.Errorf("Set-Cookie: %q", cookies)
	}
	if response.Header.Get("X-ONE") != "1" || response.Header.Get("X-Odd-Name") != "é" {
		t.Errorf("header: %v", response.Header)
	}
	if line, _, _ := strings.Cut(server.onlyRequest(), "\r\n"); line != "GET /v1/users/42?a=b%20c&%C3%BC=%26 HTTP/1.1" {
		t.Errorf("request line: %q", line)
	}
	if accept := headerIn(server.onlyRequest(), "Accept"); accept != "application/json" {
		t.Errorf("Accept: %q", accept)
	}
	var user struct{ Name string }
	if err := response.Decode(&user); err != nil || user.Name != "Ada" {
		t.Errorf("decoded %+v, %v", user, err)
	}
}

func TestHeaderFieldsOfAnyNumberAndLengthArrive(t *testing.T) {
	for _, length := range []int{0, 1, 60, 1990, 4096, 5000} {
		for _, count := range []int{0, 1, 5, 6, 7, 13, 14, 15, 61, 62, 100, 900} {
			if length*count > 200_000 {
				continue // The library accepts at most 256 KiB.
			}
			// Canonical names and others, and two fields of one name that are not next to each other.
			want := http.Header{"Content-Length": {"2"}, "X-Twice": {"first", "second"}}
			lines := []string{"X-Twice: first"}
			for i := 0; i < count; i++ {
				name, value := "x-fiELD-"+strconv.Itoa(i), strings.Repeat("v", length)
				lines = append(lines, name+": "+value)
				want.Set(name, value)
			}
			lines = append(lines, "x-twice: second")
			server := serveReplies(t, reply("200 OK", strings.Join(lines, "\n"), "{}"))
			client := newClient(t, server.URL)
			for call := 1; call <= 2; call++ {
				response, err := client.Get(background, "/")
				if err != nil {
					t.Fatalf("%d fields of %d bytes: %v", count, length, err)
				}
				if !reflect.DeepEqual(response.Header, want) {
					t.Errorf("%d fields of %d bytes, call %d: the response has other fields than the server sent", count, length, call)
				}
			}
		}
	}
}

// TestReusedMemoryContainsNothingOfAnotherCall: different kinds of calls reuse the memory of earlier calls.
func TestReusedMemoryContainsNothingOfAnotherCall(t *testing.T) {
	server := serve(t, func(request string, _ int) (string, bool) {
		if strings.HasPrefix(request, "GET /plain ") {
			return jsonReply(`{}`), true
		}
		return reply("404 Not Found", "X-Other: secret", `{"error": "none"}`), true
	})
	client := newClient(t, server.URL)
	for i := 0; i < 20; i++ {
		response, err := client.Post(background, "/other?token=secret", 1, Header("X-Own", "secret"), Retries(1))
		if err == nil || !strings.Contains(err.Error(), "POST /other: ") || response.Status != 404 {
			t.Fatalf("%v, %d", err, response.Status)
		}
		if _, err := client.Get(background, "no path"); !errors.Is(err, ErrInvalidPath) {
			t.Fatal(err)
		}
		if response, err = client.Get(background, "/plain"); err != nil {
			t.Fatal(err)
		}
		if response.Header.Get("X-Other") != "" || len(response.Header) != 2 {
			t.Errorf("the response has fields of another call: %v", response.Header)
		}
		requests := server.requests()
		if raw := requests[len(requests)-1]; strings.Contains(raw, "secret") || strings.Contains(raw, "POST") {
			t.Errorf("the request contains data of another: %s", raw)
		}
	}
}

func TestEachMethodSendsItsRequest(t *testing.T) {
	type item struct {
		Name string `json:"name"`
	}
	const object = `{"name":"a<b>&c"}`
	cases := []struct {
		name              string
		call              func(*Client) (*Response, error)
		line, media, body string
	}{
		{"Get", func(c *Client) (*Response, error) { return c.Get(background, "/x") }, "GET /x", "", ""},
		{"Delete", func(c *Client) (*Response, error) { return c.Delete(background, "/x") }, "DELETE /x", "", ""},
		{"Post", func(c *Client) (*Response, error) { return c.Post(background, "/x", item{"a<b>&c"}) },
			"POST /x", "application/json", object},
		{"Put", func(c *Client) (*Response, error) { return c.Put(background, "/x", item{"a<b>&c"}) },
			"PUT /x", "application/json", object},
		{"Patch", func(c *Client) (*Response, error) { return c.Patch(background, "/x", item{"a<b>&c"}) },
			"PATCH /x", "application/json", object},
		{"Post without a body", func(c *Client) (*Response, error) { return c.Post(background, "/x", nil) },
			"POST /x", "", ""},
		{"raw JSON", func(c *Client) (*Response, error) {
			return c.Post(background, "/x", json.RawMessage(` { "n" : 1.10 } `))
		}, "POST /x", "application/json", ` { "n" : 1.10 } `},
		{"PostForm", func(c *Client) (*Response, error) {
			return c.PostForm(background, "/x", url.Values{"b": {"2", "3"}, "a": {"ü &"}})
		}, "POST /x", "application/x-www-form-urlencoded", "a=%C3%BC+%26&b=2&b=3"},
		{"a body of bytes", func(c *Client) (*Response, error) {
			return c.Do(background, "PUT", "/x", Body("image/png", []byte("\x89\x00\xff")))
		}, "PUT /x", "image/png", "\x89\x00\xff"},
		{"an empty body of bytes", func(c *Client) (*Response, error) {
			return c.Do(background, "PUT", "/x", Body("image/png", nil))
		}, "PUT /x", "image/png", ""},
		{"PROPFIND", func(c *Client) (*Response, error) { return c.Do(background, "PROPFIND", "/x") },
			"PROPFIND /x", "", ""},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			server := serveReplies(t, jsonReply("{}"))
			if _, err := test.call(newClient(t, server.URL)); err != nil {
				t.Fatal(err)
			}
			raw := server.onlyRequest()
			if !strings.HasPrefix(raw, test.line+" HTTP/1.1\r\n") {
				t.Errorf("request: %q", raw)
			}
			if media := headerIn(raw, "Content-Type"); media != test.media {
				t.Errorf("Content-Type %q, want %q", media, test.media)
			}
			if body := bodyIn(raw); body != test.body {
				t.Errorf("body %q, want %q", body, test.body)
			}
		})
	}
}

func TestARequestCanBeSentManyTimesByManyClients(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	request, err := NewRequest("POST", "/items?x=1", JSON([]int{1, 2}), Header("X-A", "b"), IdempotencyKey("k-1"))
	if err != nil {
		t.Fatal(err)
	}
	first, second := newClient(t, server.URL), newClient(t, server.URL)
	for _, client := range []*Client{first, second, first} {
		if _, err := client.Send(background, request); err != nil {
			t.Fatal(err)
		}
	}
	for _, raw := range server.requests() {
		if bodyIn(raw) != "[1,2]" || headerIn(raw, "X-A") != "b" || headerIn(raw, "Idempotency-Key") != "k-1" {
			t.Errorf("request: %q", raw)
		}
	}
	if _, err := first.Send(background, nil); !errors.Is(err, ErrNullArgument) {
		t.Errorf("no request: %v", err)
	}
}

func TestAScopeHasItsOwnHeadersAndSharesConnections(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	shared := newClient(t, server.URL, WithHeader("X-App", "shop"), WithUserAgent("shop/1"))
	scope, err := shared.Clone(WithBearer("t-1"), WithCookie("lang", "en"), WithHeader("X-Request-Id", "r-1"))
	if err != nil {
		t.Fatal(err)
	}
	mustGet(t, scope, "/scope")
	if err := scope.RemoveHeader("x-request-id"); err != nil {
		t.Fatal(err)
	}
	if err := scope.RemoveCookie("lang"); err != nil {
		t.Fatal(err)
	}
	mustGet(t, scope, "/less")
	if err := scope.Reset(); err != nil {
		t.Fatal(err)
	}
	mustGet(t, scope, "/reset")
	scope.Close()
	mustGet(t, shared, "/shared")

	for i, want := range []map[string]string{
		{"X-App": "shop", "Authorization": "Bearer t-1", "Cookie": "lang=en", "X-Request-Id": "r-1", "User-Agent": "shop/1"},
		{"X-App": "shop", "Authorization": "Bearer t-1", "Cookie": "", "X-Request-Id": ""},
		{"X-App": "", "Authorization": "", "User-Agent": "shop/1"},
		{"X-App": "shop", "Authorization": "", "Cookie": "", "X-Request-Id": ""},
	} {
		for name, value := range want {
			if got := headerIn(server.requests()[i], name); got != value {
				t.Errorf("request %d: %s is %q, want %q", i, name, got, value)
			}
		}
	}
	if count := server.connectionCount(); count != 1 {
		t.Errorf("%d connections, although the scope shares one", count)
	}
}

func TestCredentialsAreSent(t *testing.T) {
	server := serveReplies(t, jsonReply("{}"))
	client := newClient(t, server.URL, WithBasicAuth("Ada", "pass word"))
	mustGet(t, client, "/")
	if got := headerIn(server.requests()[0], "Authorization"); got != "Basic QWRhOnBhc3Mgd29yZA==" {
		t.Errorf("Authorization: %q", got)
	}
	if err := client.Set(WithSignedCookie("session", map[string]int{"user": 7}, "k", "secret", DigestSHA256)); err != nil {
		t.Fatal(err)
	}
	mustGet(t, client, "/")
	_, value, _ := strings.Cut(headerIn(server.requests()[1], "Cookie"), "=")
	payload, err := CookieVerify(value, map[string]string{"other": "x", "k": "secret"}, time.Minute, DigestSHA256)
	if err != nil || !strings.Contains(string(payload), `"user": 7`) {
		t.Errorf("the payload of the cookie %s is %s, %v", value, payload, err)
	}
}

func TestADigestChallengeIsAnswered(t *testing.T) {
	challenge := `Digest realm="r", nonce="n", qop="auth"`
	server := serveReplies(t, reply("401 Unauthorized", "WWW-Authenticate: "+challenge, "{}"), jsonReply("{}"), jsonReply("{}"))
	client := newClient(t, server.URL, WithDigestAuth("ada", "s3cret"))
	mustGet(t, client, "/")
	mustGet(t, client, "/")
	for number, expected := range []string{"", "nc=00000001", "nc=00000002"} {
		if got := headerIn(server.requests()[number], "Authorization"); !strings.Contains(got, expected) || (expected == "") != (got == "") {
			t.Errorf("request %d: Authorization: %q", number, got)
		}
	}
}

func TestTheReasonPhraseIsTheServers(t *testing.T) {
	long := strings.Repeat("so ", 1000) + "long"
	for _, reason := range []string{"OK", "Fine, thanks", "", long} {
		server := serveReplies(t, "HTTP/1.1 200 "+reason+"\r\nContent-Length: 2\r\nX-A: b\r\n\r\n{}",
			"HTTP/1.1 204 "+reason+"\r\n\r\n")
		client := newClient(t, server.URL)
		for _, field := range []string{"b", ""} {
			response := mustGet(t, client, "/")
			if response.Reason != reason || response.Header.Get("X-A") != field {
				t.Errorf("the reason is %.40q with %v, want %.40q", response.Reason, response.Header, reason)
			}
		}
	}
	response, err := newClient(t, deadAddress(t)).Get(background, "/")
	if err == nil || response.Reason != "" {
		t.Errorf("without a response, the reason phrase is %q, %v", response.Reason, err)
	}
}

func TestPathOfAcceptsOnlyURLsOfTheClient(t *testing.T) {
	server := serveReplies(t, reply("200 OK", `Link: <?page=2>; rel="next last"`, "[]"))
	client := newClient(t, server.URL+"/api")
	response := mustGet(t, client, "/items")
	link := response.Link("NEXT")
	if link != server.URL+"/api/items?page=2" {
		t.Fatalf("the next page is at %q", link)
	}
	if path, err := client.PathOf(link); err != nil || path != "/items?page=2" {
		t.Errorf("its path is %q, %v", path, err)
	}
	if response.Link("prev") != "" {
		t.Errorf("there is a link to the previous page: %q", response.Link("prev"))
	}
	for _, url := range []string{"https://elsewhere.example/api/items", server.URL + "/other", "x\x00"} {
		if path, err := client.PathOf(url); !errors.Is(err, ErrInvalidURL) {
			t.Errorf("%q has the path %q, %v", url, path, err)
		}
	}
}

func TestStatsCountCallsAttemptsAndConnections(t *testing.T) {
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0", ""), jsonReply("{}"))
	client := newClient(t, server.URL, WithRetries(1))
	mustGet(t, client, "/")
	stats, err := client.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if stats.Requests != 1 || stats.Attempts != 2 || stats.Retries["server_error"] != 1 ||
		stats.ConnectionsOpened != 1 || stats.ConnectionsReused != 1 || stats.BytesSent == 0 {
		t.Errorf("counted %+v", stats)
	}
	if stats.Waited() != time.Duration(stats.WaitedMS)*time.Millisecond {
		t.Errorf("waited %v", stats.Waited())
	}
}

func TestVersionIsTheVersionOfTheLibrary(t *testing.T) {
	if version := Version(); strings.Count(version, ".") != 2 {
		t.Errorf("version %q", version)
	}
}

func TestJSONIsRepaired(t *testing.T) {
	if text, err := RepairJSON([]byte(`{'a': 1,}`)); err != nil || string(text) != `{"a":1}` {
		t.Errorf("repaired to %s, %v", text, err)
	}
	for _, text := range []string{"", "\x00"} {
		if _, err := RepairJSON([]byte(text)); !errors.Is(err, ErrNotJSON) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func mustGet(t *testing.T, client *Client, path string, options ...RequestOption) *Response {
	t.Helper()
	response, err := client.Get(background, path, options...)
	if err != nil {
		t.Fatal(err)
	}
	return response
}
