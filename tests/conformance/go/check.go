package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"libsac/sac"
)

// A checker collects the differences between the outcome of a case and the expected one.
type checker struct {
	faults []string
}

func (c *checker) fault(format string, arguments ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, arguments...))
}

// same compares a member; nil is not compared.
func same[T comparable](c *checker, what string, wanted *T, actual T) {
	if wanted != nil && *wanted != actual {
		c.fault("%s is %v instead of %v", what, actual, *wanted)
	}
}

// sameText compares a text; a wanted nil means that there must be none.
func (c *checker) sameText(what string, wanted *string, actual string, there bool) {
	switch {
	case wanted == nil && there:
		c.fault("%s is %q instead of nothing", what, actual)
	case wanted != nil && (!there || actual != *wanted):
		c.fault("%s is %q instead of %q", what, actual, *wanted)
	}
}

// contains checks that every word is in a text, or that none is.
func (c *checker) contains(what string, words []string, in string, wanted bool) {
	for _, word := range words {
		if strings.Contains(in, word) != wanted {
			c.fault("%s %q: %q", what, word, in)
		}
	}
}

// check compares the outcome of a case with the expected one, and returns the differences.
func check(test *testCase, out *outcome, requests []string) []string {
	e, c := &test.Expect, &checker{}
	if name := out.code.Name(); name != e.Code {
		c.fault("code is %s instead of %s (%s)", name, e.Code, out.message)
	}
	if out.response != nil {
		c.response(e, out)
	}
	c.callbacks(e, &out.seen)
	for _, pair := range e.PathsOf {
		path, err := out.client.PathOf(*pair[0])
		c.sameText("the path of "+*pair[0], pair[1], path, err == nil)
	}
	c.requests(e, requests)
	return c.faults
}

func (c *checker) response(e *expected, out *outcome) {
	response := out.response
	same(c, "status", e.Status, response.Status)
	same(c, "reason", e.Reason, response.Reason)
	same(c, "attempts", e.Attempts, response.Attempts)
	for _, pair := range e.Headers {
		values := response.Header.Values(*pair[0])
		first := ""
		if len(values) > 0 {
			first = values[0]
		}
		c.sameText(*pair[0], pair[1], first, len(values) > 0)
	}
	for _, pair := range e.Links {
		target := response.Link(*pair[0])
		c.sameText("the link "+*pair[0], pair[1], target, target != "")
	}
	if e.BodyBase64 != nil && !bytes.Equal(*e.BodyBase64, response.Body) {
		c.fault("the body is %q instead of %q", response.Body, *e.BodyBase64)
	}
	c.json(e, out)
	for i := range e.Values {
		c.value(&e.Values[i], response)
	}
}

// json checks the rules for every response, and what this case expects.
func (c *checker) json(e *expected, out *outcome) {
	response := out.response
	if response.Code != out.code {
		c.fault("the response has the code %s, the error %s", response.Code.Name(), out.code.Name())
	}
	if (out.code == sac.OK) != (out.message == "") {
		c.fault("error is %q", out.message)
	}
	var object struct{ Error string }
	if out.code != sac.OK && (json.Unmarshal(response.JSON, &object) != nil || object.Error != out.message) {
		c.fault("the error is %q, the JSON %s", out.message, response.JSON)
	}
	same(c, "json", e.JSON, string(response.JSON))
	same(c, "json_state", e.JSONState, response.JSONState.String())
	same(c, "error", e.Error, out.message)
	c.contains("error_contains", e.ErrorContains, out.message, true)
	c.contains("journal_contains", e.JournalContains, string(response.JournalJSON()), true)
}

func (c *checker) callbacks(e *expected, seen *callbackLog) {
	seen.mu.Lock()
	defer seen.mu.Unlock()
	same(c, "retry_calls", e.RetryCalls, seen.retryCalls)
	c.contains("log_contains", e.LogContains, seen.log.String(), true)
	c.contains("log_lacks", e.LogLacks, seen.log.String(), false)
}

func (c *checker) requests(e *expected, seen []string) {
	if e.Requests == nil {
		return
	}
	wanted := *e.Requests
	if len(seen) != len(wanted) {
		c.fault("the server received %d requests instead of %d", len(seen), len(wanted))
		return
	}
	for i, raw := range seen {
		if !strings.HasPrefix(raw, wanted[i].StartsWith) || !strings.HasSuffix(raw, wanted[i].EndsWith) {
			c.fault("request %d is %q", i, raw)
		}
		c.contains(fmt.Sprintf("request %d contains", i), wanted[i].Contains, raw, true)
		c.contains(fmt.Sprintf("request %d lacks", i), wanted[i].Lacks, raw, false)
	}
}
