package main

import (
	"os"
	"strings"
	"testing"
)

func TestTheFileUnderVersionControlIsWhatTheHeaderSays(t *testing.T) {
	header, err := os.ReadFile("../../../../include/sac.h")
	if os.IsNotExist(err) {
		t.Skip("this is not the project's own tree: sac.h is elsewhere")
	}
	wanted, err := generate(string(header))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("../../codes_generated.go")
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != string(wanted) {
		t.Error("codes_generated.go is out of date: run `go generate` in bindings/go")
	}
}

func TestAConstantTakesItsNameTypeAndComment(t *testing.T) {
	source, err := generate("/**\n * The text\n * is not UTF-8.\n */\n#define SAC_ERR_INVALID_UTF8 2\n")
	if err != nil {
		t.Fatal(err)
	}
	wanted := "\t// ErrInvalidUTF8: The text\n\t// is not UTF-8.\n" +
		"\tErrInvalidUTF8 Code = C.SAC_ERR_INVALID_UTF8\n"
	if !strings.Contains(string(source), wanted) {
		t.Errorf("generated:\n%s\nwanted in it:\n%s", source, wanted)
	}
}

func TestAConstantOfAnUnknownFamilyIsNotPassedOver(t *testing.T) {
	_, err := generate("#define SAC_COLOUR_RED 1\n")
	if err == nil || !strings.Contains(err.Error(), "SAC_COLOUR_RED") {
		t.Errorf("no complaint about the unknown constant: %v", err)
	}
}
