package sac

import (
	"net/http"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestBodiesOfAnyLengthArrive uses lengths around the largest that one call of C returns (GOSAC_INLINE_TEXT).
func TestBodiesOfAnyLengthArrive(t *testing.T) {
	lengths := []int{2, 3, 200, 2000, 100_000}
	for length := 3900; length < 4150; length++ {
		lengths = append(lengths, length)
	}
	var replies []string
	for _, length := range lengths {
		body := text(length)
		replies = append(replies, jsonReply(body), jsonReply(`{"a":`+body+`,}`), jsonReply("<"+body))
	}
	server := serveReplies(t, replies...)
	client := newClient(t, server.URL)
	for _, length := range lengths {
		body := text(length)
		for _, want := range []struct {
			body, json string
			state      JSONState
			get        func() (*Response, error)
		}{
			{body, body, JSONExact, func() (*Response, error) { return client.Get(background, "/") }},
			{`{"a":` + body + `,}`, `{"a":` + body + `}`, JSONRepaired, func() (*Response, error) { return client.Get(background, "/") }},
			{"<" + body, "{}", JSONNone, func() (*Response, error) { return client.GetBinary(background, "/") }},
		} {
			response, err := want.get()
			if err != nil {
				t.Fatalf("%d bytes: %v", length, err)
			}
			if string(response.Body) != want.body || string(response.JSON) != want.json || response.JSONState != want.state {
				t.Errorf("a text of %d bytes: the body has %d bytes, want %d; the JSON %d, want %d; %v, want %v", length,
					len(response.Body), len(want.body), len(response.JSON), len(want.json), response.JSONState, want.state)
			}
		}
	}
}

// text returns a JSON string of a length in bytes.
func text(length int) string {
	return `"` + strings.Repeat("x", length-2) + `"`
}

func TestAnEmptyBodyIsNil(t *testing.T) {
	for _, fields := range []string{"", "Link: </2>; rel=next"} { // read by one call of C, and by several
		server := serveReplies(t, reply("200 OK", fields, ""))
		response, err := newClient(t, server.URL).Get(background, "/")
		if err != nil || response.Body != nil || string(response.JSON) != "{}" || response.JSONState != JSONNone {
			t.Errorf("%v, body %#v, JSON %s, %v", err, response.Body, response.JSON, response.JSONState)
		}
	}
}

func TestLongNamesOfHeaderFieldsArrive(t *testing.T) {
	for _, length := range []int{30, 99, 100, 101, 102, 103, 300} { // ten times this is around GOSAC_INLINE_NAMES
		want, lines := http.Header{"Content-Length": {"2"}}, []string{}
		for i := 0; i < 10; i++ {
			name := strings.Repeat("n", length) + strconv.Itoa(i)
			lines = append(lines, name+": "+strconv.Itoa(i))
			want.Set(name, strconv.Itoa(i))
		}
		server := serveReplies(t, reply("200 OK", strings.Join(lines, "\n"), "{}"))
		response, err := newClient(t, server.URL).Get(background, "/")
		if err != nil || !reflect.DeepEqual(response.Header, want) {
			t.Errorf("names of %d bytes: %v, %v", length+1, err, response.Header)
		}
	}
}

// TestResponsesShareNothing changes everything that a caller can change in a response. Neither its other parts
// nor later responses change.
func TestResponsesShareNothing(t *testing.T) {
	const count = 50
	server := serve(t, func(_ string, index int) (string, bool) {
		number := strconv.Itoa(index)
		return reply("200 OK", "X-Number: "+number+"\nX-Two: a\nX-Two: b\nX-Last: z", `{"number": `+number+`}`), true
	})
	client := newClient(t, server.URL)
	var responses []*Response
	for i := 0; i < count; i++ {
		response, err := client.Get(background, "/")
		if err != nil {
			t.Fatal(err)
		}
		responses = append(responses, response)
		runtime.GC()
		number := strconv.Itoa(i)
		body := `{"number": ` + number + `}`
		_ = append(response.Body, "more"...)
		_ = append(response.JSON, "more"...)
		_ = append(response.Header["X-Number"], "more")
		_ = append(response.Header["X-Two"], "more")
		if string(response.Body) != body || string(response.JSON) != body {
			t.Fatalf("response %d: body %s, JSON %s", i, response.Body, response.JSON)
		}
		want := http.Header{"X-Number": {number}, "X-Two": {"a", "b"}, "X-Last": {"z"}, "Content-Length": {strconv.Itoa(len(body))}}
		if !reflect.DeepEqual(response.Header, want) {
			t.Fatalf("response %d: %v", i, response.Header)
		}
		for j := range response.Body {
			response.Body[j] = '!'
		}
		if !reflect.DeepEqual(response.Header, want) || response.Reason != "OK" {
			t.Fatalf("a change of the body changes the header: %v, %q", response.Header, response.Reason)
		}
		response.Header["X-Two"][1] = "changed"
		response.Header.Set("X-Number", number+" changed")
		response.Header.Del("X-Last")
		response.Header.Add("X-New", "new")
	}
	for i, response := range responses {
		want := http.Header{"X-Number": {strconv.Itoa(i) + " changed"}, "X-Two": {"a", "changed"}, "X-New": {"new"},
			"Content-Length": response.Header["Content-Length"]}
		if !reflect.DeepEqual(response.Header, want) || strings.Trim(string(response.Body), "!") != "" {
			t.Errorf("response %d after the later calls: %v, %s", i, response.Header, response.Body)
		}
	}
}

func TestPartsOfAResponseOutliveIt(t *testing.T) {
	server := serveReplies(t, reply("200 OK", "X-Kept: value", `"kept"`))
	client := newClient(t, server.URL)
	var values [][]string
	var bodies [][]byte
	for i := 0; i < 200; i++ {
		response, err := client.Get(background, "/")
		if err != nil {
			t.Fatal(err)
		}
		values, bodies = append(values, response.Header["X-Kept"]), append(bodies, response.Body)
	}
	runtime.GC()
	for i := range values {
		if !reflect.DeepEqual(values[i], []string{"value"}) || string(bodies[i]) != `"kept"` {
			t.Fatalf("response %d: %q, %s", i, values[i], bodies[i])
		}
	}
}

// TestManyGoroutinesReadOneResponse is for the race detector.
func TestManyGoroutinesReadOneResponse(t *testing.T) {
	server := serveReplies(t, reply("200 OK", "X-Name: value\nLink: </2>; rel=next", `{"name": "Ada"}`))
	client := newClient(t, server.URL)
	response, err := client.Get(background, "/")
	if err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	for i := 0; i < 8; i++ {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for j := 0; j < 20; j++ {
				name, _ := response.StringAt("/name")
				if name != "Ada" || response.Header.Get("X-Name") != "value" || response.Link("next") != server.URL+"/2" {
					t.Errorf("name %q, header %v, link %q", name, response.Header, response.Link("next"))
				}
				if _, err := client.Get(background, "/"); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	readers.Wait()
}
