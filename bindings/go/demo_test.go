package sac

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// demo returns a client for the demo server at the URL in SAC_DEMO_URL; `make test-go` starts one.
func demo(t *testing.T, options ...Option) *Client {
	t.Helper()
	url := os.Getenv("SAC_DEMO_URL")
	if url == "" {
		t.Skip("SAC_DEMO_URL names no demo server")
	}
	return newClient(t, url, append([]Option{WithBearer("demo-token")}, options...)...)
}

// newKey returns a key that no other run uses, for the counters of the demo server.
func newKey() string {
	return strconv.FormatInt(time.Now().UnixNano(), 36)
}

func TestDemoAnItemIsCreatedChangedAndDeleted(t *testing.T) {
	client := demo(t)
	created, err := client.Post(background, "/v1/items", map[string]any{"name": "Kettle", "quantity": 2})
	if err != nil || created.Status != http.StatusCreated {
		t.Fatalf("status %d, %v", created.Status, err)
	}
	path, err := client.PathOf(created.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Patch(background, path, map[string]int{"quantity": 3}); err != nil {
		t.Error(err)
	}
	var item struct{ Quantity int }
	if err := mustGet(t, client, path).Decode(&item); err != nil || item.Quantity != 3 {
		t.Errorf("%+v, %v", item, err)
	}
	if _, err := client.Delete(background, path); err != nil {
		t.Error(err)
	}
	if _, err := client.Get(background, path); !errors.Is(err, ErrStatus) {
		t.Errorf("after the DELETE: %v", err)
	}
}

func TestDemoASessionIsReadFromTheSignedCookie(t *testing.T) {
	client := demo(t, WithSignedCookie("session", json.RawMessage(`{"user": "ada; £"}`),
		"demo-service", "demo-key: no secret, £0 worth", DigestSHA1))
	response := mustGet(t, client, "/v1/session")
	if user, ok := response.StringAt("/data/user"); !ok || user != "ada; £" {
		t.Errorf("the server read %s", response.JSON)
	}
}

func TestDemoRetriesSucceed(t *testing.T) {
	client := demo(t, WithRetries(3), WithBackoff(time.Millisecond, 2*time.Millisecond))
	response := mustGet(t, client, "/v1/flaky", Query("key", newKey()))
	if response.Attempts != 3 || len(response.Journal()) != 3 {
		t.Errorf("%d attempts, journal %s", response.Attempts, response.JournalJSON())
	}
}

func TestDemoManyGoroutinesShareAClient(t *testing.T) {
	client := demo(t)
	var all sync.WaitGroup
	for i := 0; i < 16; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			scope, err := client.Clone(WithHeader("X-Request-Id", strconv.Itoa(i)))
			if err != nil {
				t.Error(err)
				return
			}
			defer scope.Close()
			for n := 0; n < 20; n++ {
				ctx, cancel := context.WithTimeout(background, time.Minute)
				response, err := scope.Get(ctx, "/v1/echo")
				cancel()
				if err != nil {
					t.Error(err)
					return
				}
				if id, _ := response.StringAt("/headers/x-request-id"); id != strconv.Itoa(i) {
					t.Errorf("scope %d sent the request ID %s", i, id)
				}
			}
		}(i)
	}
	all.Wait()
}

func TestDemoAnHTTPClientFollowsItsOwnRedirects(t *testing.T) {
	client := demo(t)
	httpClient := &http.Client{Transport: &Transport{Client: client}}
	response, err := httpClient.Get(os.Getenv("SAC_DEMO_URL") + "/v1/redirect")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var page struct{ Items []any }
	if err := json.NewDecoder(response.Body).Decode(&page); err != nil || len(page.Items) == 0 {
		t.Errorf("%+v, %v", page, err)
	}
}
