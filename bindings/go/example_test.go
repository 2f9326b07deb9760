package sac_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"libsac/sac"
)

func Example() {
	client, err := sac.New("https://api.example.com", sac.WithBearer("token"), sac.WithRetries(3))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	response, err := client.Get(ctx, "/v1/users/42", sac.Query("fields", "name"))
	if err != nil {
		log.Fatal(err)
	}
	var user struct{ Name string }
	if err := response.Decode(&user); err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Name)
}

func ExampleError() {
	client, err := sac.New("https://api.example.com")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	response, err := client.Get(context.Background(), "/v1/users/42")
	var failed *sac.Error
	switch {
	case errors.Is(err, sac.ErrRateLimited):
		fmt.Println("try again in", response.Header.Get("Retry-After"))
	case errors.Is(err, sac.ErrTimeout), errors.Is(err, sac.ErrConnect):
		fmt.Println("no response:", err)
	case errors.As(err, &failed) && failed.Status == http.StatusNotFound:
		fmt.Println("the server says:", failed.Message)
	}
}

func ExampleClient_Stream() {
	client, err := sac.New("https://api.example.com", sac.WithRetries(3))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	stream, err := client.Stream(context.Background(), "GET", "/v1/orders", sac.Records(sac.RecordsLines))
	if err != nil {
		log.Fatal(err)
	}
	defer stream.Close()
	for {
		record, err := stream.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		var order struct{ ID int }
		if err := record.Decode(&order); err != nil {
			log.Fatal(err)
		}
		fmt.Println(order.ID)
	}
}

func ExampleTransport() {
	client, err := sac.New("https://api.example.com", sac.WithRetries(3))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	existing := &http.Client{Transport: &sac.Transport{Client: client}}
	response, err := existing.Get("https://api.example.com/v1/users/42")
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	fmt.Println(response.Status)
}

func ExamplePerRequest() {
	shared, err := sac.New("https://api.example.com")
	if err != nil {
		log.Fatal(err)
	}
	defer shared.Close()

	scope := func(r *http.Request) ([]sac.Option, error) {
		return []sac.Option{sac.WithHeader("Authorization", r.Header.Get("Authorization"))}, nil
	}
	handler := func(w http.ResponseWriter, r *http.Request) {
		response, err := sac.FromContext(r.Context()).Get(r.Context(), "/v1/me")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		_, _ = w.Write(response.JSON)
	}
	http.Handle("/", sac.PerRequest(shared, scope)(http.HandlerFunc(handler)))
}
