package rules

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/transcript"
)

func summarise(t *testing.T, turns ...transcript.Turn) (extraction.Summary, []transcript.Segment) {
	t.Helper()
	var segs []transcript.Segment
	for i, turn := range turns {
		segs = append(segs, transcript.NewSegment(turn, int64(i+1), 0))
	}
	d, err := document.Read(t.Context(), "", segs)
	if err != nil {
		t.Fatal(err)
	}
	f := newSummariser(d)
	if err := d.Lines(context.Background(), f.Line); err != nil {
		t.Fatal(err)
	}
	return f.Summary(), segs
}

// harvest is a talk of sixty sentences, four of which say something.
func harvest() (turns []transcript.Turn) {
	chatter := func(n int) {
		for range n {
			turns = append(turns, transcript.Turn{Speaker: "Ola", Text: "Mm-hmm. Yeah."}, transcript.Turn{Speaker: "Bea", Text: "Nice. It was fun, I guess."})
		}
	}
	say := func(text string) { turns = append(turns, transcript.Turn{Speaker: "Bea", Text: text}) }
	say("Hello and welcome, the recorder is running on the table over there.")
	chatter(5)
	say("So, um, we decided that the cider press will move to the lower barn before the harvest.")
	say("We decided that the cider press will move to the lower barn, before the harvest, yes.")
	chatter(4)
	say("The biggest problem is that the old press needs two people and we only have one.")
	turns = append(turns, transcript.Turn{Speaker: "Ola", Text: "Should we not buy a second press for the lower barn this year?"})
	chatter(4)
	say("Next week Ola will write down how the press is cleaned after the harvest.")
	return turns
}

func TestSummary(t *testing.T) {
	s, segs := summarise(t, harvest()...)
	last := -1
	for _, part := range []string{"cider press will move", "needs two people", "Ola will write down"} {
		at := strings.Index(s.Text, part)
		if at <= last {
			t.Errorf("%q is missing, or not in its order, in %q", part, s.Text)
		}
		last = at
	}
	if strings.Count(s.Text, "will move") != 1 {
		t.Errorf("%q says the same twice", s.Text)
	}
	for _, not := range []string{"recorder", "?", "um", "Yeah", "So,"} {
		if strings.Contains(s.Text, not) {
			t.Errorf("%q has %q", s.Text, not)
		}
	}
	for _, e := range s.Evidence {
		if text := segs[e.Seq-1].Text; text[e.At:e.At+len(e.Quote)] != e.Quote {
			t.Errorf("%q does not stand at %d of %q", e.Quote, e.At, text)
		}
	}
}

// TestLength shows that short talks have short summaries, and the shortest none.
func TestLength(t *testing.T) {
	fact := func(n int) transcript.Turn {
		things := []string{"ferry", "harbour", "ticket", "engine", "captain", "winter", "island", "bridge", "ladder", "anchor", "gull"}
		return transcript.Turn{Speaker: "Bea", Text: fmt.Sprintf("We sold the %s to the %s, because the %s was near the %s.", things[n%11], things[n*3%11], things[(n*5+2)%11], things[n*7%11])}
	}
	for sentences, want := range map[int]int{0: 0, 1: 0, 5: 0, 6: 1, 20: 2, 36: 3, 90: 5, 400: 5} {
		var turns []transcript.Turn
		for n := range sentences {
			turns = append(turns, fact(n))
		}
		if s, _ := summarise(t, turns...); len(s.Evidence) != want || (s.Text == "") != (want == 0) {
			t.Errorf("%d sentences give %d, want %d: %q", sentences, len(s.Evidence), want, s.Text)
		}
	}
}

// TestAcross shows that a sentence in several captions cites its part of each.
func TestAcross(t *testing.T) {
	turns := harvest()[:11]
	for _, part := range []string{"we decided that the cider", "press will move to the lower", "barn before the harvest."} {
		turns = append(turns, transcript.Turn{Speaker: "Bea", Text: part})
	}
	s, _ := summarise(t, turns...)
	if !strings.Contains(s.Text, "We decided that the cider press will move to the lower barn before the harvest.") {
		t.Fatalf("got %q", s.Text)
	}
	var quotes []string
	for _, e := range s.Evidence {
		quotes = append(quotes, e.Quote)
	}
	if got := strings.Join(quotes, "|"); !strings.Contains(got, "we decided that the cider|press will move to the lower|barn before the harvest.") {
		t.Errorf("cited %q", got)
	}
}

func TestClean(t *testing.T) {
	for said, want := range map[string]string{
		"So, um, we we keep the uh, keys in the old safe":            "We keep the keys in the old safe.",
		"Well, yeah, and the, the keys had had two locks, you see.":  "The, the keys had had two locks, you see.",
		"okay iPads are kept in the old safe by the door":            "iPads are kept in the old safe by the door.",
		"Now the keys are kept in the old safe by the door!":         "Now the keys are kept in the old safe by the door!",
		"The keys, um, are kept \"in the safe\", er, by the door.":   "The keys, are kept \"in the safe\", by the door.",
		"The don't-touch keys' ring is Bea's and it's in the drawer": "The don't-touch keys' ring is Bea's and it's in the drawer.",
	} {
		var got string
		segs := []transcript.Segment{transcript.NewSegment(transcript.Turn{Text: said}, 1, 0)}
		d, err := document.Read(t.Context(), "", segs)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Lines(t.Context(), func(l document.Line) { got += clean(l) }); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%q is cleaned to %q, want %q", said, got, want)
		}
	}
}
