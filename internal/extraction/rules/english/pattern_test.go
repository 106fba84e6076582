package english

import "testing"

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
		kept          string
	}{
		{"a|b x", "then b x", true, ""},
		{"a [quite|very] x", "a x", true, ""},
		{"a [quite|very] x", "a very x", true, ""},
		{"a .. x", "a one two three x", true, ""},
		{"a .. x", "a one two three four x", false, ""},
		{"a ... x", "a one. x", false, ""},
		{"is docum*", "it is documented", true, ""},
		{"only <x> knows", "only our Dana Lee knows it", true, "our Dana Lee"},
		{"only <x> knows", "only, she knows", false, ""},
		{"move to <x>", "move to the new thing, now", true, "the new thing"},
		{"!not|never only x", "not only x", false, ""},
		{"!not|never only x", "not the only x", false, ""},
		{"!not|never only x", "not that it is only x", true, ""},
		{"that 's it", "that's it", true, ""},
	} {
		s := Sentences(c.text)[0]
		ms := compile([]entry{readEntry("label 1: " + c.pattern)}).All(s.Tokens)
		if (len(ms) > 0) != c.want {
			t.Errorf("%q in %q: %v, want %v", c.pattern, c.text, ms, c.want)
			continue
		}
		if c.kept == "" || len(ms) == 0 {
			continue
		}
		if got, _ := s.Quote(ms[0].Kept[0], ms[0].Kept[1]); got != c.kept {
			t.Errorf("%q keeps %q, want %q", c.pattern, got, c.kept)
		}
	}
}

func TestCompilePanics(t *testing.T) {
	for _, line := range []string{"label 1:", "a word", "label x: word", "label 1: .. word", "label 1: [a] b", "label 1: <x> b"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q compiles", line)
				}
			}()
			compile([]entry{readEntry(line)})
		}()
	}
}
