package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"libsac/sac"
)

// A jury collects what is not as a case expects it.
type jury struct {
	faults []string
}

func (j *jury) fault(format string, arguments ...any) {
	j.faults = append(j.faults, fmt.Sprintf(format, arguments...))
}

// same compares what a case names; nil is not compared.
func same[T comparable](j *jury, what string, wanted *T, actual T) {
	if wanted != nil && *wanted != actual {
		j.fault("%s is %v instead of %v", what, actual, *wanted)
	}
}

// sameText compares a text that may be expected to be missing.
func (j *jury) sameText(what string, wanted *string, actual string, there bool) {
	switch {
	case wanted == nil && there:
		j.fault("%s is %q instead of nothing", what, actual)
	case wanted != nil && (!there || actual != *wanted):
		j.fault("%s is %q instead of %q", what, actual, *wanted)
	}
}

// lookFor: every word is, or is not, in a text.
func (j *jury) lookFor(what string, words []string, in string, wanted bool) {
	for _, word := range words {
		if strings.Contains(in, word) != wanted {
			j.fault("%s %q: %q", what, word, in)
		}
	}
}

// judge compares what came of a case with what it expects.
func judge(c *testCase, out *outcome, requests []string) []string {
	j := &jury{}
	if name := out.code.Name(); name != c.Expect.Code {
		j.fault("code is %s instead of %s (%s)", name, c.Expect.Code, out.message)
	}
	if out.response != nil {
		j.response(&c.Expect, out)
	}
	j.callbacks(&c.Expect, &out.seen)
	for _, pair := range c.Expect.PathsOf {
		path, err := out.client.PathOf(*pair[0])
		j.sameText("the path of "+*pair[0], pair[1], path, err == nil)
	}
	j.requests(&c.Expect, requests)
	return j.faults
}

func (j *jury) response(e *expected, out *outcome) {
	response := out.response
	same(j, "status", e.Status, response.Status)
	same(j, "reason", e.Reason, response.Reason)
	same(j, "attempts", e.Attempts, response.Attempts)
	for _, pair := range e.Headers {
		values := response.Header.Values(*pair[0])
		first := ""
		if len(values) > 0 {
			first = values[0]
		}
		j.sameText(*pair[0], pair[1], first, len(values) > 0)
	}
	for _, pair := range e.Links {
		target := response.Link(*pair[0])
		j.sameText("the link "+*pair[0], pair[1], target, target != "")
	}
	if e.BodyBase64 != nil && !bytes.Equal(*e.BodyBase64, response.Body) {
		j.fault("the body is %q instead of %q", response.Body, *e.BodyBase64)
	}
	j.json(e, out)
	for i := range e.Values {
		j.value(&e.Values[i], response)
	}
}

// json is what holds for every response, and what this case expects of it.
func (j *jury) json(e *expected, out *outcome) {
	response := out.response
	if response.Code != out.code {
		j.fault("the response has the code %s, the error %s", response.Code.Name(), out.code.Name())
	}
	if (out.code == sac.OK) != (out.message == "") {
		j.fault("error is %q", out.message)
	}
	var object struct{ Error string }
	if out.code != sac.OK && (json.Unmarshal(response.JSON, &object) != nil || object.Error != out.message) {
		j.fault("the error is %q, the JSON %s", out.message, response.JSON)
	}
	same(j, "json", e.JSON, string(response.JSON))
	same(j, "json_state", e.JSONState, response.JSONState.String())
	same(j, "error", e.Error, out.message)
	j.lookFor("error_contains", e.ErrorContains, out.message, true)
	j.lookFor("journal_contains", e.JournalContains, string(response.JournalJSON()), true)
}

func (j *jury) callbacks(e *expected, seen *witness) {
	seen.mu.Lock()
	defer seen.mu.Unlock()
	same(j, "retry_calls", e.RetryCalls, seen.retryCalls)
	j.lookFor("log_contains", e.LogContains, seen.log.String(), true)
	j.lookFor("log_lacks", e.LogLacks, seen.log.String(), false)
}

func (j *jury) requests(e *expected, seen []string) {
	if e.Requests == nil {
		return
	}
	wanted := *e.Requests
	if len(seen) != len(wanted) {
		j.fault("%d requests were seen instead of %d", len(seen), len(wanted))
		return
	}
	for i, raw := range seen {
		if !strings.HasPrefix(raw, wanted[i].StartsWith) || !strings.HasSuffix(raw, wanted[i].EndsWith) {
			j.fault("request %d is %q", i, raw)
		}
		j.lookFor(fmt.Sprintf("request %d contains", i), wanted[i].Contains, raw, true)
		j.lookFor(fmt.Sprintf("request %d lacks", i), wanted[i].Lacks, raw, false)
	}
}
