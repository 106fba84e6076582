package document

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/transcript"
)

func lines(t *testing.T, turns ...transcript.Turn) ([]transcript.Segment, []Line) {
	t.Helper()
	var segs []transcript.Segment
	offset := int64(0)
	for i, turn := range turns {
		s := transcript.NewSegment(turn, int64(i+1), offset)
		offset = s.Range[1] + 2
		segs = append(segs, s)
	}
	d, err := Read(context.Background(), "", segs)
	if err != nil {
		t.Fatal(err)
	}
	var lines []Line
	if err := d.Lines(context.Background(), func(l Line) { lines = append(lines, l) }); err != nil {
		t.Fatal(err)
	}
	return segs, lines
}

func TestLinesAcrossSegments(t *testing.T) {
	_, lines := lines(t,
		transcript.Turn{Speaker: "Ann", Text: "First I pull"},
		transcript.Turn{Speaker: "Ann", Text: "the report. Then"},
		transcript.Turn{Speaker: "Ann", Text: "I send it."},
		transcript.Turn{Speaker: "Bo", Text: "Okay."})
	var got []string
	for _, l := range lines {
		got = append(got, l.Speaker+": "+l.Phrase(0, len(l.Tokens)))
	}
	if diff := cmp.Diff([]string{"Ann: First I pull the report.", "Ann: Then I send it.", "Bo: Okay."}, got); diff != "" {
		t.Error(diff)
	}
	if lines[0].Turn == lines[2].Turn {
		t.Error("two speakers share a turn")
	}
	// "the report" (tokens 3 and 4) is cited in the second segment, at its start.
	if e := lines[0].Exact(3, 5); e.Seq != 2 || e.At != 0 || e.Quote != "the report" {
		t.Errorf("cited %+v", e)
	}
	if e := lines[0].Cite(0, 1); e.Seq != 1 || e.Quote != "First I pull" {
		t.Errorf("cited %+v, want the part in the first segment", e)
	}
}

func TestCiteIsBounded(t *testing.T) {
	long := ""
	for range 200 {
		long += "word word, "
	}
	_, lines := lines(t, transcript.Turn{Text: long})
	e := lines[0].Cite(100, 103)
	at, end := lines[0].Tokens[100].Start, lines[0].Tokens[102].End
	if len(e.Quote) > MaxQuote || e.At > at || e.At+len(e.Quote) < end {
		t.Errorf("%d bytes at %d, want at most %d around %d to %d", len(e.Quote), e.At, MaxQuote, at, end)
	}
}

func TestAsker(t *testing.T) {
	ask := func(s string) transcript.Turn { return transcript.Turn{Speaker: "Maren", Text: s} }
	say := func(s string) transcript.Turn { return transcript.Turn{Speaker: "Elin", Text: s} }
	_, lines := lines(t, ask("Who owns it?"), say("I do."), ask("And who else?"), say("Nobody."), ask("Why? I see."), say("Is that fine?"))
	for _, l := range lines {
		if l.Asks != (l.Speaker == "Maren") {
			t.Errorf("%s: asks %v", l.Speaker, l.Asks)
		}
	}
}

func TestPersonName(t *testing.T) {
	for label, want := range map[string]string{
		"Dana Whitfield": "Dana Whitfield", "Dana (Finance)": "Dana", "**Noor:**": "Noor", "Speaker 1": "", "SPEAKER_00": "",
		"Interviewer": "", "spk_0": "", "A": "", "": "", "Dr. Lee": "Dr. Lee",
	} {
		if got := PersonName(label); got != want {
			t.Errorf("PersonName(%q) = %q, want %q", label, got, want)
		}
	}
}

// TestReadWithinTheWork passes over what is beyond the work of a transcript, and
// reads what is before as if it were all there is.
func TestReadWithinTheWork(t *testing.T) {
	var turns []transcript.Turn
	for range 10 {
		turns = append(turns, transcript.Turn{Text: "Dana owns it."}, transcript.Turn{Speaker: "Bo", Text: "Then we ask. Twice."})
	}
	segs, _ := lines(t, turns...)
	for _, test := range []struct{ work, read int }{
		{1000, 20}, {130, 7}, {12, 1}, {11, 1}, {0, 1}, // what is first is always read
	} {
		d, err := read(t.Context(), "", segs, test.work)
		if err != nil || len(d.Segments) != test.read {
			t.Errorf("with %d: %d segments, %v, want %d", test.work, len(d.Segments), err, test.read)
			continue
		}
		last := int64(0)
		if err := d.Lines(t.Context(), func(l Line) { last = l.Whole()[0].Seq }); err != nil || last != int64(test.read) {
			t.Errorf("with %d: the last line is of segment %d, %v", test.work, last, err)
		}
		if n, want := d.Topics.Sentences(), test.read/2*3+test.read%2; n != want {
			t.Errorf("with %d: %d sentences, want %d", test.work, n, want)
		}
	}
}
