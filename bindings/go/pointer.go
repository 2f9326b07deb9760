package sac

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// findValue returns the text of the value at a JSON pointer (RFC 6901); nil if there is none. If the text
// is not well-formed, the result may be wrong, but findValue does not panic.
func findValue(text []byte, pointer string) []byte {
	if pointer != "" && pointer[0] != '/' {
		return nil
	}
	start := skipWhitespace(text, 0)
	value := text[start:valueEnd(text, start)]
	for _, token := range strings.Split(pointer, "/")[1:] {
		name, ok := unescapeToken(token)
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

// unescapeToken decodes ~0 and ~1. It returns false if a tilde is followed by anything else.
func unescapeToken(token string) (string, bool) {
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

// member returns the value of an object's member. If several members have the name, the last one counts,
// as in most parsers.
func member(object []byte, name string) (found []byte) {
	eachItem(object, func(item []byte) bool {
		end := valueEnd(item, 0)
		if unquote(item[:end]) == name {
			start := skipWhitespace(item, skipWhitespace(item, end)+1) // after the colon
			if start < len(item) {
				found = item[start:valueEnd(item, start)]
			}
		}
		return true
	})
	return found
}

// element returns an array's element. The number must be plain digits. "-", the position after the last
// element, never exists.
func element(array []byte, number string) (found []byte) {
	index, err := strconv.Atoi(number)
	if err != nil || strconv.Itoa(index) != number {
		return nil
	}
	eachItem(array, func(item []byte) bool {
		if index == 0 {
			found = item[:valueEnd(item, 0)]
		}
		index--
		return index >= 0
	})
	return found
}

// eachItem calls a function for each element of an array, or each member of an object, until it returns
// false. item starts at the element, or at the member's name, and extends to the end of the container.
func eachItem(container []byte, do func(item []byte) bool) {
	object := container[0] == '{'
	for at := skipWhitespace(container, 1); at < len(container) && container[at] != ']' && container[at] != '}'; {
		if !do(container[at:]) {
			return
		}
		if object {
			at = skipWhitespace(container, skipWhitespace(container, valueEnd(container, at))+1) // after the colon
		}
		at = skipWhitespace(container, valueEnd(container, at))
		if at >= len(container) || container[at] != ',' {
			return
		}
		at = skipWhitespace(container, at+1)
	}
}

// valueEnd returns the end of the value that starts at a position; at most the length of the text.
func valueEnd(text []byte, at int) int {
	if at >= len(text) {
		return len(text)
	}
	switch text[at] {
	case '"':
		return stringEnd(text, at)
	case '{', '[':
		return containerEnd(text, at)
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

// containerEnd uses no recursion, so deep nesting needs no memory.
func containerEnd(text []byte, at int) int {
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

func skipWhitespace(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n') {
		at++
	}
	if at > len(text) {
		return len(text)
	}
	return at
}

// unquote returns the content of a JSON string, with its escapes decoded.
func unquote(text []byte) string {
	if len(text) >= 2 && bytes.IndexByte(text, '\\') < 0 {
		return string(text[1 : len(text)-1])
	}
	var content string
	_ = json.Unmarshal(text, &content) // cannot fail for a string of well-formed JSON
	return content
}
