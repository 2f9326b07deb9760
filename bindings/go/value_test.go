package sac

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"libsac/sac/internal/capi"
)

func TestValuesAreReadByPointer(t *testing.T) {
	const body = `{"id":7,"big":123456789012345678901234567890,"five":5.0,"ratio":0.5,"ok":true,` +
		`"name":"Jos\u00e9\u0000!","lone":"\ud83d","tags":["a", "b"],"none":null,"":{"a/b":1,"~":2}}`
	response := mustGet(t, newClient(t, serveReplies(t, jsonReply(body)).URL), "/")

	for pointer, want := range map[string]JSONType{
		"": TypeObject, "/id": TypeNumber, "/ok": TypeBool, "/name": TypeString, "/tags": TypeArray,
		"/none": TypeNull, "/nothing": TypeMissing, "nonsense": TypeMissing, "/\x00": TypeMissing,
	} {
		if got := response.TypeAt(pointer); got != want {
			t.Errorf("%q is %v, want %v", pointer, got, want)
		}
	}
	for pointer, want := range map[string]int64{"/id": 7, "/five": 5, "//a~1b": 1, "//~0": 2} {
		if value, ok := response.IntAt(pointer); !ok || value != want {
			t.Errorf("%q is %d, %v", pointer, value, ok)
		}
	}
	for _, pointer := range []string{"/ratio", "/big", "/name", "/nothing"} {
		if value, ok := response.IntAt(pointer); ok {
			t.Errorf("%q is the integer %d", pointer, value)
		}
	}
	if value, ok := response.FloatAt("/ratio"); !ok || value != 0.5 {
		t.Errorf("/ratio is %v, %v", value, ok)
	}
	if value, ok := response.BoolAt("/ok"); !ok || !value {
		t.Errorf("/ok is %v, %v", value, ok)
	}
	for pointer, want := range map[string]string{"/name": "José\x00!", "/lone": "\ufffd"} {
		if value, ok := response.StringAt(pointer); !ok || value != want {
			t.Errorf("%q is %q, %v", pointer, value, ok)
		}
	}
	if _, ok := response.StringAt("/id"); ok {
		t.Error("a number is a string")
	}
	for pointer, want := range map[string]string{"/tags": `["a", "b"]`, "/big": "123456789012345678901234567890", "": body} {
		if text := response.TextAt(pointer); string(text) != want {
			t.Errorf("%q is %s", pointer, text)
		}
	}
	if response.LenAt("/tags") != 2 || response.LenAt("/id") != 0 || response.TextAt("/nothing") != nil {
		t.Error("the length of an array, of a number or the text of a missing value is wrong")
	}
	var tags []string
	if err := response.DecodeAt("/tags", &tags); err != nil || strings.Join(tags, "") != "ab" {
		t.Errorf("tags %v, %v", tags, err)
	}
	if err := response.DecodeAt("/nothing", &tags); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("a missing value: %v", err)
	}
}

// TestValuesAreTheSameAsTheLibrarys: the binding reads values itself, and must read the same as the library.
func TestValuesAreTheSameAsTheLibrarys(t *testing.T) {
	documents := []string{
		`{"a":{"b":[0,1,{"c":null}]},"":{"":"x"},"a/b":1,"m~n":2,"~1":3,"\u0061b":"escaped","esc\"aped":4}`,
		` [ [ ] , { } , [ [ ] ] , "]" , "}," , "\"" , "\\" , {"k" : [ 1 , 2 ] , "l" : { } } ] `,
		`{"a":1,"b":2,"a":3,"\u0061":{"deep":true}}`,
		"{\n\t\"x\" : \r\n[ true,false , null ]\n}",
		`"\ud83d\ude00 \ud83d \ude00\ud83d\u0041 \u0000 \/\b\f\n\r\t é 日"`,
		`[0,-0,0.0,1,-1,1.5,5.0,1e3,1.5E+1,120e-1,0.0012e4,1e-1,9223372036854775807,9223372036854775808,` +
			`-9223372036854775808,-9223372036854775809,-9.223372036854775808e18,1e19,1e999,-1e999,1e-999,0e999999999999999999999,` +
			`1e999999999999999999999,1e-999999999999999999999,1000000000000000000000000e-20,123456789012345678901234567890,0.1]`,
		`true`, ` false `, `0`, `""`, `{}`, `[]`,
		strings.Repeat("[", 20000) + strings.Repeat("]", 20000),
	}
	pointers := []string{"", "/", "//", "/a", "/a/b", "/a/b/2/c", "/a/b/3", "/a/b/-", "/a/b/00", "/a/b/01", "/a/b/+1", "/a/b/ 1",
		"/a~1b", "/m~0n", "/~01", "/~1", "/~", "/~2", "/ab", "/esc\"aped", "/a/deep", "/b", "/x/1", "a", "#/a", "/日",
		"/99999999999999999999", "/7/k/1", "/7/l"}
	for i := 0; i < 30; i++ {
		pointers = append(pointers, "/"+strconv.Itoa(i))
	}
	for _, document := range documents {
		server := serveReplies(t, jsonReply(document))
		response := mustGet(t, newClient(t, server.URL), "/")
		for i, want := range capi.Values(server.URL, "/", pointers) {
			if got := valueOf(response, pointers[i]); !reflect.DeepEqual(got, want) {
				t.Errorf("%.200s at %q:\n%s\nthe library reads\n%s", document, pointers[i], asJSON(got), asJSON(want))
			}
		}
	}
}

func valueOf(r *Response, pointer string) capi.Value {
	value := capi.Value{Type: int32(r.TypeAt(pointer)), Length: r.LenAt(pointer)}
	if text, ok := r.StringAt(pointer); ok {
		value.String = &text
	}
	if text := r.TextAt(pointer); text != nil {
		text := string(text)
		value.Text = &text
	}
	if whole, ok := r.IntAt(pointer); ok {
		value.Int = &whole
	}
	if number, ok := r.FloatAt(pointer); ok {
		value.Float = &number
	}
	if truth, ok := r.BoolAt(pointer); ok {
		value.Bool = &truth
	}
	return value
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestInvalidJSONCausesNoPanic: a program can assign any text to the field.
func TestInvalidJSONCausesNoPanic(t *testing.T) {
	for _, text := range []string{"", " ", "{", "[", `"`, `"\`, "{}}", `{"a`, `{"a"`, `{"a":`, `{"a":}`, "[1", "[1,", "[,", "]", ",", `{"a" 1}`, "\x00"} {
		response := &Response{JSON: json.RawMessage(text)}
		for _, pointer := range []string{"", "/", "/a", "/0", "/a/0"} {
			_ = valueOf(response, pointer)
		}
	}
}

func TestDamagedJSONIsRepairedAndReported(t *testing.T) {
	response := mustGet(t, newClient(t, serveReplies(t, jsonReply(`{'a': [1, 2,],}`)).URL), "/")
	if response.JSONState != JSONRepaired || string(response.Body) != `{'a': [1, 2,],}` {
		t.Errorf("%v, body %s", response.JSONState, response.Body)
	}
	if value, ok := response.IntAt("/a/1"); !ok || value != 2 {
		t.Errorf("/a/1 is %d, %v in %s", value, ok, response.JSON)
	}
}

func TestAnEmptyBodyIsAnEmptyObject(t *testing.T) {
	response := mustGet(t, newClient(t, serveReplies(t, "HTTP/1.1 204 No Content\r\n\r\n").URL), "/")
	if string(response.JSON) != "{}" || response.JSONState != JSONNone || len(response.Body) != 0 {
		t.Errorf("JSON %s, %v, body %q", response.JSON, response.JSONState, response.Body)
	}
}

func TestAJournalDescribesEachAttempt(t *testing.T) {
	server := serveReplies(t, reply("503 Busy", "Retry-After: 0.001", ""), jsonReply("{}"))
	response := mustGet(t, newClient(t, server.URL, WithRetries(1)), "/")
	journal := response.Journal()
	if len(journal) != 2 {
		t.Fatalf("journal: %s", response.JournalJSON())
	}
	first, second := journal[0], journal[1]
	if first.Status != 503 || first.RetriedBecause != "status 503" || first.ReusedConnection || first.Total <= 0 {
		t.Errorf("first: %+v", first)
	}
	if second.Status != 200 || second.DelayFrom != "retry-after" || second.Waited <= 0 || !second.ReusedConnection {
		t.Errorf("second: %+v", second)
	}
}

func TestWithJournalKeepsTheJournalOfASimpleCall(t *testing.T) {
	client := newClient(t, serveReplies(t, jsonReply("{}")).URL)
	if journal := mustGet(t, client, "/").Journal(); journal != nil {
		t.Errorf("without WithJournal: %+v", journal)
	}
	if err := client.Set(WithJournal(true)); err != nil {
		t.Fatal(err)
	}
	clone, err := client.Clone()
	if err != nil {
		t.Fatal(err)
	}
	defer clone.Close()
	if journal := mustGet(t, clone, "/").Journal(); len(journal) != 1 || journal[0].Status != 200 {
		t.Errorf("with WithJournal: %+v", journal)
	}
}

func TestARefusedCallHasAResponse(t *testing.T) {
	response, err := newClient(t, "http://127.0.0.1:1").Get(background, "/", Header("no name", ""))
	if err == nil || response.Journal() != nil || response.Link("next") != "" {
		t.Errorf("journal %v, error %v", response.Journal(), err)
	}
	if message, ok := response.StringAt("/error"); !ok || message != err.(*Error).Message {
		t.Errorf("the JSON is %s, the error %v", response.JSON, err)
	}
}
