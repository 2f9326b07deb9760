// Command scope_per_request is a server that calls another service on behalf of its users: one client
// for the whole process, and a clone of it for each incoming request. The clones share the client's
// connections, but not their headers, cookies and credentials. It takes the base URL of the demo server.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"libsac/sac"
)

// scope is the part of an incoming request that its calls contain.
func scope(r *http.Request) ([]sac.Option, error) {
	options := []sac.Option{
		sac.WithHeader("X-Request-Id", r.Header.Get("X-Request-Id")),
		sac.WithHeader("Authorization", r.Header.Get("Authorization")),
	}
	if language, err := r.Cookie("language"); err == nil {
		options = append(options, sac.WithCookie("language", language.Value))
	}
	return options, nil
}

// echo returns what the other service received.
func echo(w http.ResponseWriter, r *http.Request) {
	// If the user disconnects, the context of the request ends the call too.
	response, err := sac.FromContext(r.Context()).Get(r.Context(), "/v1/echo")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprint(w, describe(response))
}

func describe(response *sac.Response) string {
	seen := func(name string) string {
		if value, ok := response.StringAt("/headers/" + name); ok {
			return value
		}
		return "none"
	}
	return fmt.Sprintf("request %s, authorisation %s, cookie %s, from %s\n",
		seen("x-request-id"), seen("authorization"), seen("cookie"), seen("user-agent"))
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: scope_per_request BASE_URL")
	}
	shared, err := sac.New(os.Args[1], sac.WithUserAgent("shop/2.1"))
	if err != nil {
		log.Fatal(err)
	}
	defer shared.Close()

	server := httptest.NewServer(sac.PerRequest(shared, scope)(http.HandlerFunc(echo)))
	defer server.Close()
	for _, user := range []struct{ id, token, language string }{
		{"a-1", "token-of-ada", "en"}, {"b-2", "token-of-bob", ""}, {"c-3", "token-of-eve", "fr"},
	} {
		if err := visit(server.URL, user.id, user.token, user.language); err != nil {
			log.Fatal(err)
		}
	}
	response, err := shared.Get(context.Background(), "/v1/echo")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print("shared: ", describe(response))
}

// visit sends the request of a user to the server.
func visit(url, id, token, language string) error {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("X-Request-Id", id)
	request.Header.Set("Authorization", "Bearer "+token)
	if language != "" {
		request.AddCookie(&http.Cookie{Name: "language", Value: language})
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil {
		fmt.Print("scope:  ", string(text))
	}
	return err
}
