package text_test

import (
	"testing"

	"griot/internal/text"
)

func TestBlank(t *testing.T) {
	for _, s := range []string{
		"", " ", "\t\r\n", "\u00a0\u2003\u3000", "\u200b\u200b", "\u200d\ufe0f", "\u2060\ufeff", "\u00ad", "\u034f",
		"\u115f\u1160\u3164\uffa0", "\u202e\u2066", "\U000e0041", "\x00\x1b", "\u2028\u2029",
	} {
		if !text.Blank(s) {
			t.Errorf("%+q is not blank", s)
		}
	}
	for _, s := range []string{"a", " a ", "\u200ba", "👩\u200d👩", "0", ".", "\u0301", "\u0600", "\ufffd", "\u2800", "字"} {
		if text.Blank(s) {
			t.Errorf("%+q is blank", s)
		}
	}
}

func TestOneLine(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, "Month-end close": true, "می\u200cخواهم": true, "👩\u200d👩": true, "a\u00a0b": true,
		"a\nb": false, "a\tb": false, "a\x00": false, "\x1b[31m": false, "a\u0085b": false, "a\u2028b": false, "a\u2029b": false, "\x7f": false,
	} {
		if got := text.OneLine(s); got != want {
			t.Errorf("%+q: %v", s, got)
		}
	}
}
