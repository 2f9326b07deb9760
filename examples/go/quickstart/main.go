// Command quickstart shows the basics of libsac in Go. It takes the base URL of the demo server:
//
//	go run ./quickstart http://127.0.0.1:PORT
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"libsac/sac"
)

// A user of the service.
type user struct {
	ID     int64    `json:"id"`
	Name   string   `json:"name"`
	Active bool     `json:"active"`
	Roles  []string `json:"roles"`
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: quickstart BASE_URL")
	}
	// The set-up fails only for bad input.
	client, err := sac.New(os.Args[1],
		sac.WithBearer("demo-token"),
		sac.WithSignedCookie("session", map[string]any{"user": "ada", "cart": 3},
			"demo-service", "demo-key: no secret, £0 worth", sac.DigestSHA1),
		sac.WithTimeout(5*time.Second),
		sac.WithRetries(3))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()

	readAUser(ctx, client)
	readTheSession(ctx, client)
	createAnItem(ctx, client)
	downloadAPicture(ctx, client)

	show(ctx, client, "Damaged JSON, which is repaired:", "/v1/damaged")
	show(ctx, client, "A server that turns the first call away, and is asked again:", "/v1/limited?key=quickstart-go")
	show(ctx, client, "An item that does not exist:", "/v1/items/4711")
	show(ctx, client, "A response that takes too long:", "/v1/slow?ms=5000", sac.Timeout(200*time.Millisecond), sac.Retries(0))
}

func readAUser(ctx context.Context, client *sac.Client) {
	fmt.Println("A user, with a bearer token:")
	response, err := client.Get(ctx, "/v1/users/1")
	if err != nil {
		report(err)
		return
	}
	var ada user
	if err := response.Decode(&ada); err != nil {
		report(err)
		return
	}
	fmt.Printf("  number %d is %s, active: %v, with %d roles, the first is %s\n",
		ada.ID, ada.Name, ada.Active, len(ada.Roles), ada.Roles[0])
}

func readTheSession(ctx context.Context, client *sac.Client) {
	fmt.Println("A session, with a signed cookie (signed again for every request):")
	response, err := client.Get(ctx, "/v1/session")
	if err != nil {
		report(err)
		return
	}
	fmt.Printf("  the server received %s\n", response.JSON)
}

func createAnItem(ctx context.Context, client *sac.Client) {
	fmt.Println("A new item:")
	response, err := client.Post(ctx, "/v1/items", map[string]any{"name": "Kettle", "quantity": 2})
	if err != nil {
		report(err)
		return
	}
	fmt.Printf("  status %d, it is at %s\n", response.Status, response.Header.Get("Location"))
}

func downloadAPicture(ctx context.Context, client *sac.Client) {
	fmt.Println("A picture, to memory:")
	response, err := client.GetBinary(ctx, "/v1/picture.png")
	if err != nil {
		report(err)
		return
	}
	fmt.Printf("  %d bytes of %s\n", len(response.Body), response.Header.Get("Content-Type"))
}

func show(ctx context.Context, client *sac.Client, title, path string, options ...sac.RequestOption) {
	fmt.Println(title)
	response, err := client.Get(ctx, path, options...)
	if err != nil {
		report(err)
		return
	}
	fmt.Printf("  %s, in %d attempts\n", response.JSON, response.Attempts)
}

// report prints an error, and shows how to distinguish the kinds of errors.
func report(err error) {
	var failed *sac.Error
	switch {
	case errors.Is(err, sac.ErrTimeout):
		fmt.Println("  timeout:", err)
	case errors.As(err, &failed) && failed.Status != 0:
		fmt.Printf("  the server said %d: %s\n", failed.Status, failed.Message)
	default:
		fmt.Println("  error:", err)
	}
}
