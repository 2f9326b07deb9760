// Chat prints the answer of a language model word by word. It takes the base URL of the demo server:
//
//	go run ./chat http://127.0.0.1:PORT [PROMPT]
//
// The server sends its answer as events. Each word is printed when it arrives.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"libsac/sac"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: chat BASE_URL [PROMPT]")
		os.Exit(1)
	}
	prompt := "good morning"
	if len(os.Args) > 2 {
		prompt = os.Args[2]
	}
	if err := chat(os.Args[1], prompt); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func chat(baseURL, prompt string) error {
	// The timeout ends with the head of the response, the read timeout limits the time between two events.
	client, err := sac.New(baseURL, sac.WithTimeout(10*time.Second), sac.WithReadTimeout(30*time.Second))
	if err != nil {
		return err
	}
	defer client.Close()
	stream, err := client.Stream(context.Background(), "POST", "/v1/chat",
		sac.JSON(map[string]string{"prompt": prompt}), sac.Records(sac.RecordsEvents))
	if err != nil {
		return err
	}
	defer stream.Close()
	for {
		event, err := stream.Next()
		if err != nil {
			return err
		}
		if string(event.Data) == "[DONE]" {
			fmt.Println()
			return nil
		}
		var word struct{ Text string }
		if err := event.Decode(&word); err != nil {
			return err
		}
		fmt.Print(word.Text)
	}
}
