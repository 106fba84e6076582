// Package cursor makes the opaque positions of paged lists. A cursor is good
// for the list of one workspace only. It is not a secret and grants nothing:
// whoever forges one still reads only his own workspace's list.
package cursor

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"unicode/utf8"

	"griot/internal/errs"
	"griot/internal/table"
)

// sumBytes of a digest over workspace, kind and position precede the position.
const sumBytes = 8

var encoding = base64.RawURLEncoding.Strict()

// Encode returns the cursor of a position, which is a sort key, in the list
// of a kind of resource in a workspace. The cursor of "" is "".
func Encode(workspace, kind, position string) string {
	if position == "" {
		return ""
	}
	return encoding.EncodeToString(append(sum(workspace, kind, position), position...))
}

// Decode returns the position of a cursor that Encode made for the same
// workspace and kind; the position of "" is "". Any other cursor is a
// Malformed error.
func Decode(workspace, kind, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	if len(cursor) > encoding.EncodedLen(sumBytes+table.MaxSK) {
		return "", invalid()
	}
	raw, err := encoding.DecodeString(cursor)
	if err != nil || len(raw) <= sumBytes {
		return "", invalid()
	}
	position := string(raw[sumBytes:])
	if !utf8.ValidString(position) || Encode(workspace, kind, position) != cursor {
		return "", invalid()
	}
	return position, nil
}

func sum(workspace, kind, position string) []byte {
	s := sha256.Sum256(bytes.Join([][]byte{[]byte(workspace), []byte(kind), []byte(position)}, []byte{0}))
	return s[:sumBytes]
}

func invalid() error {
	const message = "cursor is not one that a page of this list has given"
	return &errs.Error{
		Kind:    errs.Malformed,
		Message: message,
		Fields:  []errs.Field{{Field: "cursor", Code: "invalid", Message: message}},
	}
}
