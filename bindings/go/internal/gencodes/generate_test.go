package main

import (
	"os"
	"strings"
	"testing"
)

func TestTheGeneratedFileMatchesTheHeader(t *testing.T) {
	header, err := os.ReadFile("../../../../include/sac.h")
	if os.IsNotExist(err) {
		t.Skip("sac.h is not here: this is not the project's source tree")
	}
	want, err := generate(string(header))
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../../codes_generated.go")
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != string(want) {
		t.Error("codes_generated.go is out of date: run `go generate` in bindings/go")
	}
}

func TestAConstantHasItsNameTypeAndComment(t *testing.T) {
	source, err := generate("/**\n * The text\n * is not UTF-8.\n */\n#define SAC_ERR_INVALID_UTF8 2\n")
	if err != nil {
		t.Fatal(err)
	}
	want := "\t// ErrInvalidUTF8: The text\n\t// is not UTF-8.\n" +
		"\tErrInvalidUTF8 Code = C.SAC_ERR_INVALID_UTF8\n"
	if !strings.Contains(string(source), want) {
		t.Errorf("generated:\n%s\nwanted in it:\n%s", source, want)
	}
}

func TestACommentNamesOtherConstantsAsGoDoes(t *testing.T) {
	source, err := generate("/**\n * Like `SAC_LOG_WARN`, unlike SAC_OTHER.\n */\n#define SAC_LOG_ERROR 1\n#define SAC_LOG_WARN 2\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := "\t// LogError: Like LogWarn, unlike SAC_OTHER.\n"; !strings.Contains(string(source), want) {
		t.Errorf("generated:\n%s\nwanted in it:\n%s", source, want)
	}
}

func TestABrandKeepsItsCapitalLetters(t *testing.T) {
	source, err := generate("#define SAC_WEBHOOK_GITHUB 3\n")
	if want := "\tWebhookGitHub WebhookScheme = C.SAC_WEBHOOK_GITHUB\n"; err != nil || !strings.Contains(string(source), want) {
		t.Errorf("generated:\n%s\nwanted in it:\n%s\n%v", source, want, err)
	}
}

func TestAConstantOfAnUnknownFamilyIsAnError(t *testing.T) {
	_, err := generate("#define SAC_COLOUR_RED 1\n")
	if err == nil || !strings.Contains(err.Error(), "SAC_COLOUR_RED") {
		t.Errorf("no complaint about the unknown constant: %v", err)
	}
}
