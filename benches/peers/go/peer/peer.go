// Package peer is shared by the clients in Go; c/peer.h says how a client is used.
package peer

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"sync"
)

// A Plan is the request of the calls, and the expected response.
type Plan struct {
	BaseURL, Path, Mode string
	Bytes, Threads      int
}

// Binary reports whether the calls request any type.
func (p *Plan) Binary() bool { return p.Mode == "binary" }

// Accept returns the value of the header field.
func (p *Plan) Accept() string {
	if p.Binary() {
		return "application/octet-stream"
	}
	return "application/json"
}

// CheckBody is Check with encoding/json.
func (p *Plan) CheckBody(status int, body []byte) {
	p.Check(status, len(body), func(into any) error { return json.Unmarshal(body, into) })
}

// Check ends the program unless the response is the expected one. decode reads its JSON.
func (p *Plan) Check(status, bytes int, decode func(into any) error) {
	if status != 200 || bytes != p.Bytes {
		Fail(fmt.Errorf("%s: status %d with %d bytes", p.Path, status, bytes))
	}
	switch p.Mode {
	case "value":
		var value map[string]any
		Fail(decode(&value))
		if value["name"] != "Ada Lovelace" {
			Fail(fmt.Errorf("%s: the value in the JSON is wrong", p.Path))
		}
	case "walk":
		var list list
		Fail(decode(&list))
		if math.Abs(list.sum()-list.Sum) > 0.001 {
			Fail(fmt.Errorf("%s: the sum of the values in the JSON is wrong", p.Path))
		}
	}
}

// A list is the document of the mode "walk".
type list struct {
	Items []struct {
		ID     int64   `json:"id"`
		Name   string  `json:"name"`
		Price  float64 `json:"price"`
		Active bool    `json:"active"`
		Owner  struct {
			Login string `json:"login"`
		} `json:"owner"`
	} `json:"items"`
	Sum float64 `json:"sum"`
}

func (l *list) sum() float64 {
	sum := 0.0
	for i := range l.Items {
		item := &l.Items[i]
		sum += float64(item.ID) + float64(len(item.Name)+len(item.Owner.Login)) + item.Price
		if item.Active {
			sum++
		}
	}
	return sum
}

// Fail ends the program if there is an error.
func Fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Run makes the number of calls of each line of standard input.
func Run(open func(*Plan) func()) {
	plan, err := parse(os.Args[1:])
	Fail(err)
	call := open(plan)
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		count, err := strconv.Atoi(input.Text())
		Fail(err)
		run(count, plan.Threads, call)
		fmt.Println("done")
	}
}

func parse(args []string) (*Plan, error) {
	if len(args) != 5 {
		return nil, fmt.Errorf("usage: CLIENT BASE_URL PATH BYTES binary|json|value|walk THREADS")
	}
	plan := &Plan{BaseURL: args[0], Path: args[1], Mode: args[3]}
	var err error
	if plan.Bytes, err = strconv.Atoi(args[2]); err != nil {
		return nil, err
	}
	plan.Threads, err = strconv.Atoi(args[4])
	return plan, err
}

func run(count, threads int, call func()) {
	var all sync.WaitGroup
	for i := 0; i < threads; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for calls := (count + threads - 1) / threads; calls > 0; calls-- {
				call()
			}
		}()
	}
	all.Wait()
}
