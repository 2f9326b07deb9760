package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"libsac/sac"
)

// A checker collects the differences from the expectations of a case.
type checker struct {
	faults []string
}

func (c *checker) fault(format string, arguments ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, arguments...))
}

// same compares a value if the case expects one. nil means that the case expects none.
func same[T comparable](c *checker, what string, want *T, actual T) {
	if want != nil && *want != actual {
		c.fault("%s is %v instead of %v", what, actual, *want)
	}
}

// sameText compares a text. nil means that there must be none.
func (c *checker) sameText(what string, want *string, actual string, found bool) {
	switch {
	case want == nil && found:
		c.fault("%s is %q instead of nothing", what, actual)
	case want != nil && (!found || actual != *want):
		c.fault("%s is %q instead of %q", what, actual, *want)
	}
}

// lookFor checks that a text contains all of the words, or none of them.
func (c *checker) lookFor(what string, words []string, text string, want bool) {
	for _, word := range words {
		if strings.Contains(text, word) != want {
			c.fault("%s %q: %q", what, word, text)
		}
	}
}

// check compares the outcome of a case with its expectations.
func check(e *expected, out *outcome, requests []string) []string {
	c := &checker{}
	if name := out.code.Name(); name != e.Code {
		c.fault("code is %s instead of %s (%s)", name, e.Code, out.message)
	}
	if out.response != nil {
		c.response(e, out)
	}
	c.callbacks(e, &out.log)
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
	c.records(e, out.records)
	for i := range e.Values {
		c.value(&e.Values[i], response)
	}
}

// json checks the rules for every response, and the expectations of this case.
func (c *checker) json(e *expected, out *outcome) {
	response := out.response
	// A stream may fail after its head.
	if response.Code != out.code && (e.Records == nil || response.Code != sac.OK) {
		c.fault("the response has the code %s, the error %s", response.Code.Name(), out.code.Name())
	}
	if (out.code == sac.OK) != (out.message == "") {
		c.fault("error is %q", out.message)
	}
	var object struct{ Error string }
	if response.Code != sac.OK && (json.Unmarshal(response.JSON, &object) != nil || object.Error != out.message) {
		c.fault("the error is %q, the JSON %s", out.message, response.JSON)
	}
	same(c, "json", e.JSON, string(response.JSON))
	same(c, "json_state", e.JSONState, response.JSONState.String())
	same(c, "error", e.Error, out.message)
	c.lookFor("error_contains", e.ErrorContains, out.message, true)
	c.lookFor("journal_contains", e.JournalContains, string(response.JournalJSON()), true)
}

func (c *checker) records(e *expected, records []sac.Record) {
	if len(records) != len(e.Records) {
		c.fault("the stream has %d records instead of %d: %v", len(records), len(e.Records), records)
		return
	}
	for i, want := range e.Records {
		text, err := records[i].JSON()
		code := sac.OK
		var failed *sac.Error
		if errors.As(err, &failed) {
			code = failed.Code
		}
		same(c, fmt.Sprintf("the type of record %d", i), want.Type, records[i].Type)
		same(c, fmt.Sprintf("the ID of record %d", i), want.ID, records[i].ID)
		same(c, fmt.Sprintf("the data of record %d", i), want.Data, string(records[i].Data))
		same(c, fmt.Sprintf("the code of record %d", i), want.Code, code.Name())
		if err == nil {
			same(c, fmt.Sprintf("the JSON of record %d", i), want.JSON, string(text))
		}
	}
}

func (c *checker) callbacks(e *expected, log *callbackLog) {
	log.mu.Lock()
	defer log.mu.Unlock()
	same(c, "retry_calls", e.RetryCalls, log.retryCalls)
	c.lookFor("log_contains", e.LogContains, log.lines.String(), true)
	c.lookFor("log_lacks", e.LogLacks, log.lines.String(), false)
}

func (c *checker) requests(e *expected, received []string) {
	if e.Requests == nil {
		return
	}
	want := *e.Requests
	if len(received) != len(want) {
		c.fault("the server received %d requests instead of %d", len(received), len(want))
		return
	}
	for i, raw := range received {
		if !strings.HasPrefix(raw, want[i].StartsWith) || !strings.HasSuffix(raw, want[i].EndsWith) {
			c.fault("request %d is %q", i, raw)
		}
		c.lookFor(fmt.Sprintf("request %d contains", i), want[i].Contains, raw, true)
		c.lookFor(fmt.Sprintf("request %d lacks", i), want[i].Lacks, raw, false)
	}
}
