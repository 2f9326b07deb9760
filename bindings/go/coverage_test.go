package sac

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// notCalled are the functions of sac.h that the binding does not call, each with its replacement.
var notCalled = map[string]string{
	"sac_get_binary":          "sac_send with an Accept",
	"sac_delete":              "sac_send, as for every call",
	"sac_put_json":            "sac_send",
	"sac_patch_json":          "sac_send",
	"sac_post_form":           "sac_send",
	"sac_response_header":     "sac_response_header_at, for all fields at once",
	"sac_cancel_triggered":    "the watcher, which knows whether it triggered the cancel",
	"sac_hmac":                "crypto/hmac of the standard library",
	"sac_event_json":          "Record.JSON, because a record outlives the library's event",
	"sac_send_all":            "SendAll, which uses goroutines",
	"sac_responses_free":      "the same",
	"sac_json_type_of":        "value.go, which reads Response.JSON, because that outlives the library's response",
	"sac_json_string":         "the same",
	"sac_json_text":           "the same",
	"sac_json_int64":          "the same",
	"sac_json_double":         "the same",
	"sac_json_bool":           "the same",
	"sac_json_length":         "the same",
	"sac_json_uint64":         "the same",
	"sac_json_find":           "the same",
	"sac_json_first":          "the same",
	"sac_json_next":           "the same",
	"sac_json_parse":          "the same",
	"sac_node_name":           "the same",
	"sac_node_type":           "the same",
	"sac_node_string":         "the same",
	"sac_node_text":           "the same",
	"sac_node_int64":          "the same",
	"sac_node_uint64":         "the same",
	"sac_node_double":         "the same",
	"sac_node_bool":           "the same",
	"sac_node_length":         "the same",
	"sac_request_json_string": "JSON, which encodes any Go value",
	"sac_request_json_text":   "the same",
	"sac_request_json_int64":  "the same",
	"sac_request_json_uint64": "the same",
	"sac_request_json_double": "the same",
	"sac_request_json_bool":   "the same",
	"sac_request_json_null":   "the same",
}

func TestEveryFunctionOfTheHeaderIsBound(t *testing.T) {
	header, err := os.ReadFile("../../include/sac.h")
	if os.IsNotExist(err) {
		t.Skip("sac.h is not here: this is not the project's source tree")
	}
	source := bindingSource(t)
	declaration := regexp.MustCompile(`(?m)^[a-z][^\n(]*?\b(sac_\w+)\(`)
	found := declaration.FindAllStringSubmatch(string(header), -1)
	if len(found) < 60 {
		t.Fatalf("only %d functions were found in sac.h", len(found))
	}
	for _, match := range found {
		function := match[1]
		called := strings.Contains(source, function+"(")
		if _, listed := notCalled[function]; called == listed {
			t.Errorf("%s: called %v, listed as not called %v: bind it, or list its replacement in notCalled",
				function, called, listed)
		}
	}
}

// bindingSource returns the source text of the binding, without its tests.
func bindingSource(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range []string{"*.go", "*.[ch]"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
	}
	return all.String()
}
