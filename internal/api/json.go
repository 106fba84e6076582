package api

import (
	"encoding/json"
	"iter"
)

// JSON is walked as it stands, because encoding/json takes Title for title
// and tells of one wrong member only. Everything here is given valid JSON
// without space around it.

// members yields the members of an object, in their order.
func members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for rest := object; ; {
			name, after := following(rest)
			if name == nil {
				return
			}
			var value []byte
			if value, rest = following(after); !yield(unquote(name), value) {
				return
			}
		}
	}
}

// elements yields the elements of a list.
func elements(list []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for rest := list; ; {
			var elem []byte
			if elem, rest = following(rest); elem == nil || !yield(elem) {
				return
			}
		}
	}
}

// following returns the value behind the next bracket, comma or colon, and
// what comes after it; a closing bracket has nil.
func following(rest []byte) (value, after []byte) {
	rest = trimSpace(trimSpace(rest)[1:])
	if len(rest) == 0 || rest[0] == ']' || rest[0] == '}' {
		return nil, nil
	}
	n := length(rest)
	return rest[:n], rest[n:]
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	return b
}

// length is that of the value at the beginning of b.
func length(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += quoted(b[i:]) - 1
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // behind a number or a word
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return len(b)
}

// quoted is the length of the string at the beginning of b.
func quoted(b []byte) int {
	for i := 1; ; i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

func unquote(raw []byte) string {
	for _, c := range raw {
		if c == '\\' {
			var s string
			_ = json.Unmarshal(raw, &s) // a valid string
			return s
		}
	}
	return string(raw[1 : len(raw)-1])
}
