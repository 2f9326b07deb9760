package sac

import (
	"errors"
	"strings"
	"testing"
)

func TestValuesAreReadByPointer(t *testing.T) {
	const body = `{"id":7,"big":123456789012345678901234567890,"five":5.0,"ratio":0.5,"ok":true,` +
		`"name":"Jos\u00e9\u0000!","lone":"\ud83d","tags":["a", "b"],"none":null,"":{"a/b":1,"~":2}}`
	response := mustGet(t, newClient(t, replies(t, jsonReply(body)).URL), "/")

	for pointer, wanted := range map[string]JSONType{
		"": TypeObject, "/id": TypeNumber, "/ok": TypeBool, "/name": TypeString, "/tags": TypeArray,
		"/none": TypeNull, "/nothing": TypeMissing, "nonsense": TypeMissing, "/\x00": TypeMissing,
	} {
		if found := response.TypeAt(pointer); found != wanted {
			t.Errorf("%q is %v, wanted %v", pointer, found, wanted)
		}
	}
	for pointer, wanted := range map[string]int64{"/id": 7, "/five": 5, "//a~1b": 1, "//~0": 2} {
		if value, ok := response.IntAt(pointer); !ok || value != wanted {
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
	for pointer, wanted := range map[string]string{"/name": "José\x00!", "/lone": "\ufffd"} {
		if value, ok := response.StringAt(pointer); !ok || value != wanted {
			t.Errorf("%q is %q, %v", pointer, value, ok)
		}
	}
	if _, ok := response.StringAt("/id"); ok {
		t.Error("a number is a string")
	}
	for pointer, wanted := range map[string]string{"/tags": `["a", "b"]`, "/big": "123456789012345678901234567890", "": body} {
		if text := response.TextAt(pointer); string(text) != wanted {
			t.Errorf("%q is %s", pointer, text)
		}
	}
	if response.LenAt("/tags") != 2 || response.LenAt("/id") != 0 || response.TextAt("/nothing") != nil {
		t.Error("lengths and missing values are not told apart")
	}
	var tags []string
	if err := response.DecodeAt("/tags", &tags); err != nil || strings.Join(tags, "") != "ab" {
		t.Errorf("tags %v, %v", tags, err)
	}
	if err := response.DecodeAt("/nothing", &tags); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("a value that is not there: %v", err)
	}
}

func TestDamagedJSONIsRepairedAndSaysSo(t *testing.T) {
	response := mustGet(t, newClient(t, replies(t, jsonReply(`{'a': [1, 2,],}`)).URL), "/")
	if response.JSONState != JSONRepaired || string(response.Body) != `{'a': [1, 2,],}` {
		t.Errorf("%v, body %s", response.JSONState, response.Body)
	}
	if value, ok := response.IntAt("/a/1"); !ok || value != 2 {
		t.Errorf("/a/1 is %d, %v in %s", value, ok, response.JSON)
	}
}

func TestAnEmptyBodyIsAnEmptyObject(t *testing.T) {
	response := mustGet(t, newClient(t, replies(t, "HTTP/1.1 204 No Content\r\n\r\n").URL), "/")
	if string(response.JSON) != "{}" || response.JSONState != JSONNone || len(response.Body) != 0 {
		t.Errorf("JSON %s, %v, body %q", response.JSON, response.JSONState, response.Body)
	}
}

func TestAJournalTellsOfEachAttempt(t *testing.T) {
	server := replies(t, reply("503 Busy", "Retry-After: 0.001", ""), jsonReply("{}"))
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

func TestACallThatWasNeverMadeHasAResponseToo(t *testing.T) {
	response, err := newClient(t, "http://127.0.0.1:1").Get(background, "/", Header("no name", ""))
	if err == nil || response.Journal() == nil || len(response.Journal()) != 0 || response.Link("next") != "" {
		t.Errorf("journal %v, error %v", response.Journal(), err)
	}
	if response.TypeAt("/error") != TypeMissing || response.TextAt("") != nil {
		t.Error("a response that the library has not made has values")
	}
	response.Close()
}
