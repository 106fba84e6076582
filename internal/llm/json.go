package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// Broken reports whether an answer is no JSON. A member of another type than it
// should have is not: the others have been read.
func Broken(err error) bool {
	_, typed := errors.AsType[*json.UnmarshalTypeError](err)
	return err != nil && !typed
}

// mostLooks is how many braces of prose are looked at.
const mostLooks = 100

// Object finds the JSON object in what a model wrote: alone, in a fence of
// Markdown, after thoughts or between sentences. Of several it is the first
// that is not empty, or else an empty one. An object that does not end is none,
// and neither is a part of it. It fails as Unreadable.
func Object(text string) (json.RawMessage, error) {
	text = Said(text)
	var empty json.RawMessage
	for looks, rest := 0, text; looks < mostLooks; looks++ {
		at := strings.IndexByte(rest, '{')
		if at < 0 {
			break
		}
		rest = rest[at:]
		var found json.RawMessage
		err := json.NewDecoder(strings.NewReader(rest)).Decode(&found)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil { // a brace of prose
			rest = rest[1:]
			continue
		}
		if len(bytes.TrimSpace(found[1:len(found)-1])) > 0 {
			return found, nil
		}
		empty, rest = found, rest[len(found):]
	}
	if empty != nil {
		return empty, nil
	}
	return nil, Fail(Unreadable, "%d bytes without a JSON object", len(text))
}

// Said is what a model wrote after its thoughts; nothing while they have no
// end.
func Said(text string) string {
	if _, said, ended := strings.Cut(text, "</think>"); ended {
		return said
	}
	if strings.HasPrefix(strings.TrimSpace(text), "<think>") {
		return ""
	}
	return text
}
