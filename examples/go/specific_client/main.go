// Command specific_client shows a client for one service. The rest of the program uses methods and Go
// types, and needs no paths, tokens and JSON. It takes the base URL of the demo server.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"libsac/sac"
)

// Shop calls the API of the shop. Close, Clone and the other methods are those of the embedded
// client.
type Shop struct {
	*sac.Client
}

// User is a user of the shop.
type User struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Active bool   `json:"active"`
}

// Item is an item of the shop.
type Item struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
}

// ErrNoSuchUser is the error of User if there is no such user.
var ErrNoSuchUser = errors.New("there is no such user")

// Open creates a client for the shop at a base URL.
func Open(baseURL, token string) (*Shop, error) {
	client, err := sac.New(baseURL,
		sac.WithBearer(token),
		sac.WithUserAgent("shop-client/1.0"),
		sac.WithTimeout(5*time.Second),
		sac.WithRetries(2))
	if err != nil {
		return nil, err
	}
	return &Shop{client}, nil
}

// User returns the user with this number.
func (s *Shop) User(ctx context.Context, id int64) (user User, err error) {
	response, err := s.Get(ctx, "/v1/users/"+strconv.FormatInt(id, 10))
	var failed *sac.Error
	if errors.As(err, &failed) && failed.Status == 404 {
		return user, ErrNoSuchUser
	}
	if err != nil {
		return user, err
	}
	err = response.Decode(&user)
	return user, err
}

// SetQuantity changes the quantity of an item.
func (s *Shop) SetQuantity(ctx context.Context, id int64, quantity int) error {
	_, err := s.Patch(ctx, "/v1/items/"+strconv.FormatInt(id, 10), map[string]int{"quantity": quantity})
	return err
}

// Items visits all items. It follows the Link header field from page to page. Only a link to the same
// server has a path, so the program follows no other.
func (s *Shop) Items(ctx context.Context, visit func(Item)) error {
	for path := "/v1/items"; path != ""; {
		page, err := s.Get(ctx, path)
		if err != nil {
			return err
		}
		var items []Item
		if err := page.DecodeAt("/items", &items); err != nil {
			return err
		}
		for _, item := range items {
			visit(item)
		}
		if path, err = s.next(page); err != nil {
			return err
		}
	}
	return nil
}

// next returns the path of the next page; "" after the last page.
func (s *Shop) next(page *sac.Response) (string, error) {
	link := page.Link("next")
	if link == "" {
		return "", nil
	}
	return s.PathOf(link)
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: specific_client BASE_URL")
	}
	shop, err := Open(os.Args[1], "demo-token")
	if err != nil {
		log.Fatal(err)
	}
	defer shop.Close()
	ctx := context.Background()

	for id := int64(3); id <= 6; id++ {
		user, err := shop.User(ctx, id)
		switch {
		case errors.Is(err, ErrNoSuchUser):
			fmt.Printf("There is no user %d.\n", id)
		case err != nil:
			fmt.Printf("User %d is not available: %v.\n", id, err)
		default:
			fmt.Printf("User %d is %s (active: %v).\n", id, user.Name, user.Active)
		}
	}
	fmt.Println("A quantity of -1:", shop.SetQuantity(ctx, 1, -1))

	count := 0
	fmt.Println("The first items:")
	err = shop.Items(ctx, func(item Item) {
		if count++; count <= 3 {
			fmt.Printf("  %d: %s\n", item.ID, item.Name)
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d items on all pages.\n", count)
}
