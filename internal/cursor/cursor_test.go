package cursor_test

import (
	"strings"
	"testing"

	"griot/internal/cursor"
	"griot/internal/errs"
)

func TestRoundTrip(t *testing.T) {
	for _, position := range []string{"", "ses_01", "größer#7", strings.Repeat("x", 1024)} {
		c := cursor.Encode("ws_1", "sessions", position)
		got, err := cursor.Decode("ws_1", "sessions", c)
		if err != nil || got != position {
			t.Errorf("Decode(Encode(%.20q)) = %.20q, %v", position, got, err)
		}
		if position != "" && strings.Contains(c, position) {
			t.Errorf("cursor %q shows its position", c)
		}
	}
}

func TestRefused(t *testing.T) {
	good := cursor.Encode("ws_1", "sessions", "ses_01")
	tests := map[string]string{
		"other workspace": cursor.Encode("ws_2", "sessions", "ses_01"),
		"other kind":      cursor.Encode("ws_1", "projects", "ses_01"),
		"not base64":      "!!!",
		"a position":      "ses_01",
		"cut":             good[:len(good)-1],
		"digest only":     good[:10],
		"longer":          good + "AA",
		"line break":      good + "\n",
		"changed":         "A" + good[1:],
		"too long":        cursor.Encode("ws_1", "sessions", strings.Repeat("x", 1025)),
		"not UTF-8":       cursor.Encode("ws_1", "sessions", "ses_\xff"),
	}
	for name, c := range tests {
		_, err := cursor.Decode("ws_1", "sessions", c)
		e := errs.As(err)
		if e == nil || e.Kind != errs.Malformed || len(e.Fields) != 1 || e.Fields[0].Field != "cursor" {
			t.Errorf("%s: Decode(%q) = %v, want Malformed naming cursor", name, c, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("")
	f.Add(cursor.Encode("ws_1", "sessions", "ses_01"))
	f.Fuzz(func(t *testing.T, c string) {
		position, err := cursor.Decode("ws_1", "sessions", c)
		if err == nil && cursor.Encode("ws_1", "sessions", position) != c {
			t.Errorf("Decode(%q) = %q, which has another cursor", c, position)
		}
	})
}
