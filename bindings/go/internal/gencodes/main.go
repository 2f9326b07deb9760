// Command gencodes writes Go constants for the constants of sac.h: codes, states, types, digests, levels.
//
//	go run ./internal/gencodes SAC_H GO_FILE
//
// The Go file does not contain the numbers: the compiler takes them from the header.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gencodes SAC_H GO_FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gencodes:", err)
		os.Exit(1)
	}
}

func run(header, output string) error {
	text, err := os.ReadFile(header)
	if err != nil {
		return err
	}
	source, err := generate(string(text))
	if err != nil {
		return err
	}
	return os.WriteFile(output, source, 0o644)
}
