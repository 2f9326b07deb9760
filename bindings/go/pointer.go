package sac

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// find is the text of the value at a JSON pointer (RFC 6901); nil where there is none. The text that
// it is looked for in is well-formed; where it is not, something is found or nothing, no more.
func find(text []byte, pointer string) []byte {
	if pointer != "" && pointer[0] != '/' {
		return nil
	}
	start := skipSpace(text, 0)
	value := text[start:valueEnd(text, start)]
	for _, token := range strings.Split(pointer, "/")[1:] {
		name, ok := unescapedToken(token)
		if !ok || len(value) == 0 {
			return nil
		}
		switch value[0] {
		case '{':
			value = member(value, name)
		case '[':
			value = element(value, name)
		default:
			value = nil
		}
	}
	if len(value) == 0 {
		return nil
	}
	return value
}

// unescapedToken undoes ~0 and ~1; false where another character follows a tilde, or none.
func unescapedToken(token string) (string, bool) {
	for rest := token; ; {
		tilde := strings.IndexByte(rest, '~')
		if tilde < 0 {
			break
		}
		rest = rest[tilde+1:]
		if rest == "" || (rest[0] != '0' && rest[0] != '1') {
			return "", false
		}
	}
	// In this order, so that ~01 is ~1 (RFC 6901 section 4).
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~"), true
}

// member is the value of an object's member: of the last one where several have the name, as most
// parsers have it.
func member(object []byte, name string) (found []byte) {
	eachPart(object, func(part []byte) bool {
		end := valueEnd(part, 0)
		if unquoted(part[:end]) == name {
			start := skipSpace(part, skipSpace(part, end)+1) // behind the colon
			if start < len(part) {
				found = part[start:valueEnd(part, start)]
			}
		}
		return true
	})
	return found
}

// element is an array's element. Its number is plain digits; "-", the one behind the last, never is.
func element(array []byte, number string) (found []byte) {
	index, err := strconv.Atoi(number)
	if err != nil || strconv.Itoa(index) != number {
		return nil
	}
	eachPart(array, func(part []byte) bool {
		if index == 0 {
			found = part[:valueEnd(part, 0)]
		}
		index--
		return index >= 0
	})
	return found
}

// eachPart calls a function with what begins at each element of an array, or at the name of each
// member of an object, up to the end of the whole, until it returns false.
func eachPart(whole []byte, do func(part []byte) bool) {
	object := whole[0] == '{'
	for at := skipSpace(whole, 1); at < len(whole) && whole[at] != ']' && whole[at] != '}'; {
		if !do(whole[at:]) {
			return
		}
		if object {
			at = skipSpace(whole, skipSpace(whole, valueEnd(whole, at))+1) // behind the colon
		}
		at = skipSpace(whole, valueEnd(whole, at))
		if at >= len(whole) || whole[at] != ',' {
			return
		}
		at = skipSpace(whole, at+1)
	}
}

// valueEnd is where a value ends that begins at a place; no further than the text.
func valueEnd(text []byte, at int) int {
	if at >= len(text) {
		return len(text)
	}
	switch text[at] {
	case '"':
		return stringEnd(text, at)
	case '{', '[':
		return compoundEnd(text, at)
	}
	for ; at < len(text); at++ {
		switch text[at] {
		case ',', ':', ']', '}', ' ', '\t', '\r', '\n':
			return at
		}
	}
	return at
}

func stringEnd(text []byte, at int) int {
	for at++; at < len(text); at++ {
		switch text[at] {
		case '"':
			return at + 1
		case '\\':
			at++
		}
	}
	return len(text)
}

// compoundEnd takes no more memory however deep the value is.
func compoundEnd(text []byte, at int) int {
	for depth := 0; at < len(text); {
		switch text[at] {
		case '"':
			at = stringEnd(text, at)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		at++
		if depth == 0 {
			return at
		}
	}
	return len(text)
}

func skipSpace(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n') {
		at++
	}
	if at > len(text) {
		return len(text)
	}
	return at
}

// unquoted is the content of a string, with its escapes undone.
func unquoted(text []byte) string {
	if len(text) >= 2 && bytes.IndexByte(text, '\\') < 0 {
		return string(text[1 : len(text)-1])
	}
	var content string
	_ = json.Unmarshal(text, &content) // It is a string of a well-formed text.
	return content
}
