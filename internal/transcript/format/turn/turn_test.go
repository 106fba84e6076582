package turn

import (
	"testing"

	"griot/internal/transcript"
)

// Memory is bounded by the number of turns as well as by their text.
func TestRoom(t *testing.T) {
	for _, c := range []*Collector{NewCollector(100, 2), NewCollector(3, 100)} {
		for range 2 {
			c.Add(transcript.Turn{Text: "a"})
			if c.Over() {
				t.Error("over with room left")
			}
		}
		c.Add(transcript.Turn{Text: "bc"})
		c.Add(transcript.Turn{Text: "d"})
		if !c.Over() || len(c.Turns) != 2 {
			t.Errorf("%d turns, over: %t", len(c.Turns), c.Over())
		}
	}
}

func TestTimes(t *testing.T) {
	at := func(ms int64) *int64 { return &ms }
	for _, r := range []struct{ start, end, wantStart, wantEnd *int64 }{
		{at(0), at(1), at(0), at(1)},
		{at(5), at(5), at(5), nil},
		{at(5), at(4), at(5), nil},
		{at(-1), at(4), nil, at(4)},
		{nil, at(0), nil, at(0)},
		{nil, at(-1), nil, nil},
		{at(MaxMS + 1), at(MaxMS + 2), nil, nil},
	} {
		c := NewCollector(100, 1)
		c.Add(transcript.Turn{Text: "a", StartMS: r.start, EndMS: r.end})
		got := c.Turns[0]
		if !same(got.StartMS, r.wantStart) || !same(got.EndMS, r.wantEnd) {
			t.Errorf("%v-%v became %v-%v", r.start, r.end, got.StartMS, got.EndMS)
		}
	}
}

func same(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }

func TestLanguageTag(t *testing.T) {
	for in, want := range map[string]string{
		"en": "en", "EN_us": "en-US", "english": "en", " Cantonese ": "yue", "es-419": "es-419", "sr-latn": "sr-Latn",
		"": "", "x": "", "klingon": "", "en-": "en", "de-$": "", "auto detected": "",
	} {
		if got := languageTag(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
