// Command download writes a response to a file, which appears complete or not at all, and shows the
// progress. Then it writes the same to a writer. It takes the base URL of the demo server.
package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"libsac/sac"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: download BASE_URL")
	}
	client, err := sac.New(os.Args[1], sac.WithRetries(3))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if err := run(client); err != nil {
		log.Fatal(err)
	}
}

func run(client *sac.Client) error {
	folder, err := os.MkdirTemp("", "download")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	ctx := context.Background()

	file := filepath.Join(folder, "picture.png")
	response, err := client.Get(ctx, "/v1/picture.png", sac.OutputFile(file), sac.OnProgress(show))
	if err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Printf("to a file: %d bytes of %s\n", info.Size(), response.Header.Get("Content-Type"))

	digest := sha256.New()
	if _, err := client.Get(ctx, "/v1/picture.png", sac.Output(digest)); err != nil {
		return err
	}
	fmt.Printf("to a writer: SHA-256 %.8x…\n", digest.Sum(nil))

	missing := filepath.Join(folder, "missing")
	_, err = client.Get(ctx, "/v1/items/4711", sac.OutputFile(missing))
	_, absent := os.Stat(missing)
	fmt.Printf("an error: %v; a file was created: %v\n", err, absent == nil)
	return nil
}

// show prints the progress. To return false would end the download.
func show(_ context.Context, progress sac.Progress) bool {
	if progress.ToReceive > 0 {
		fmt.Printf("  %d of %d bytes\n", progress.Received, progress.ToReceive)
	}
	return true
}
