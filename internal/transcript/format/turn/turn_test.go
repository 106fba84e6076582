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

func TestWords(t *testing.T) {
	at := func(ms int64) *int64 { return &ms }
	var got []transcript.Turn
	w := NewWords(func(said transcript.Turn) { got = append(got, said) })
	for _, word := range []transcript.Turn{
		{Speaker: "a", Text: "We", StartMS: at(0), EndMS: at(100)},
		{Speaker: "a", Text: " open. ", StartMS: at(200), EndMS: at(400)},
		{Speaker: "a", Text: "", StartMS: at(400), EndMS: at(2000)},
		{Speaker: "a", Text: "So", StartMS: at(900), EndMS: at(1000)}, // half a second after a sentence
		{Speaker: "a", Text: "it", StartMS: at(1600), EndMS: at(1700)},
		{Speaker: "a", Text: "is", StartMS: at(3700), EndMS: at(3800)}, // two seconds
		{Speaker: "b", Text: "始め", StartMS: at(3900), EndMS: at(4000)},
		{Speaker: "b", Text: "ま"},
		{Speaker: "b", Text: "OK"},
	} {
		w.Add(word)
	}
	w.Flush()
	w.Flush()
	want := []string{"We open.", "So it", "is", "始めま OK"}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, said := range got {
		if said.Text != want[i] {
			t.Errorf("%q, want %q", said.Text, want[i])
		}
	}
	if *got[1].StartMS != 900 || *got[1].EndMS != 1700 || *got[3].EndMS != 4000 {
		t.Errorf("%d to %d, end %d", *got[1].StartMS, *got[1].EndMS, *got[3].EndMS)
	}
}
