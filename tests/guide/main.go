// Command pieces runs one piece of Go in the guide.
package main

import (
	"context"
	"fmt"
	"os"

	"libsac/sac"

@IMPORTS@
)

var pieces = map[string]func(context.Context, *sac.Client) error{
@TABLE@
}

func main() {
	client, err := sac.New("http://127.0.0.1:8080")
	if err == nil {
		err = pieces[os.Args[1]](context.Background(), client)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
