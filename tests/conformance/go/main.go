// Command conformance runs the conformance cases with the Go binding. tests/conformance/README.md describes
// them.
//
//	conformance SERVER_URL
package main

import (
	"context"
	"fmt"
	"os"

	"libsac/sac"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: conformance SERVER_URL")
		os.Exit(2)
	}
	failed, err := runAll(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
	if failed > 0 {
		os.Exit(1)
	}
}

// runAll runs every case, and returns the number of failed ones.
func runAll(server string) (failed int, err error) {
	control, err := sac.New(server)
	if err != nil {
		return 0, err
	}
	defer control.Close()
	var cases []testCase
	if err := fetch(control, "/__cases", &cases); err != nil {
		return 0, err
	}
	for i := range cases {
		ok, err := run(&cases[i], control, server)
		if err != nil {
			return 0, err
		}
		if !ok {
			failed++
		}
	}
	fmt.Printf("conformance go: %d passed, %d failed\n", len(cases)-failed, failed)
	return failed, nil
}

// run runs one case. It returns an error if the server or the suite fails, not if the case fails.
func run(c *testCase, control *sac.Client, server string) (ok bool, err error) {
	out, err := perform(c, server)
	if err != nil {
		return false, fmt.Errorf("%s: %w", c.Name, err)
	}
	defer out.close()
	var requests []string
	if err := fetch(control, "/"+c.Name+"/__requests", &requests); err != nil {
		return false, err
	}
	faults := check(&c.Expect, out, requests)
	if len(faults) == 0 {
		fmt.Println("ok", c.Name)
		return true, nil
	}
	for _, fault := range faults {
		fmt.Printf("FAILED %s: %s\n", c.Name, fault)
	}
	return false, nil
}

func fetch(control *sac.Client, path string, into any) error {
	response, err := control.Get(context.Background(), path)
	if err != nil {
		return err
	}
	return response.Decode(into)
}
