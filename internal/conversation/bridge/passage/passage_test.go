package passage

import (
	"iter"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"griot/internal/conversation/memory"
	"griot/internal/extraction"
	"griot/internal/transcript"
)

func cited(confidence float64, seqs ...int64) extraction.Common {
	c := extraction.Common{Confidence: confidence}
	for _, seq := range seqs {
		c.Citations = append(c.Citations, extraction.Citation{Seq: seq})
	}
	return c
}

func segment(speaker, text string, after ...transcript.Segment) transcript.Segment {
	from := int64(0)
	if n := len(after); n > 0 {
		from = after[n-1].Range[1] + 2
	}
	return transcript.NewSegment(transcript.Turn{Speaker: speaker, Text: text}, int64(len(after)+1), from)
}

func TestTopics(t *testing.T) {
	entities := Entities([]extraction.EntityCandidate{
		{Name: "Ann", Common: cited(1, 1)},
		{Name: "Bob", Aliases: []string{"Robert"}, Common: cited(1)},
		{Name: "Cy", Common: cited(1, 2)},                                      // speaks, and is cited with that
		{Name: "Cy Young", Common: cited(1, 2)},                                // the same by a longer name
		{Name: "Payroll", Common: cited(0.6, 2)},                               // cited without its name
		{Name: "Ledger", Common: cited(0.59, 2)},                               // not sure
		{Name: "Dot", Aliases: []string{"Dot"}, Common: cited(1, 3)},           // speaks, and is named by another
		{Name: "Who", Type: "Person", Mentions: 9, Common: cited(0.3)},         // not sure
		{Name: strings.Repeat("x", memory.MaxTopic+1), Common: cited(1, 1, 2)}, // too long
	})
	var p Passage
	for _, turn := range [][2]string{{"Ann", "I asked robert."}, {"Cy", "Who?"}, {"Dot", "Never mind."}, {"Ann", "Ask Dot."}} {
		p.add(segment(turn[0], turn[1], p.Segments...))
	}
	if got := p.Topics(entities); !slices.Equal(got, []string{"Bob", "Payroll", "Dot"}) {
		t.Errorf("topics %q", got)
	}
}

func TestBackchannel(t *testing.T) {
	for said, want := range map[string]bool{
		"Mm-hmm.": true, "Yeah, yeah, yeah, yeah, yeah, yeah.": true, "Okay. Right.": true, "Uh-huh, I see.": true, "…": true,
		"D'accord, très bien.": true, "Genau, ja.": true, "Да, конечно.": true, "うん、そうですね": true, "嗯，好的": true, "네, 맞아요": true,
		"Forty 2": false, "We restart the gateway by hand": false, "Reconciliation of intercompany": false,
		"その場合は私が承認します": false, "The auditors come on Tuesday": false, strings.Repeat("yeah ", 300): false,
	} {
		if got := backchannel(said); got != want {
			t.Errorf("%q: %v, want %v", said, got, want)
		}
	}
}

// Every segment is in one passage, in order, and none of nothing but
// backchannels is left where there is another to join.
func TestJoin(t *testing.T) {
	talk := strings.Repeat("the press stops when the guard is open ", 14)
	tests := map[string]struct {
		turns []string // of speakers in turn
		want  []int    // segments a passage
	}{
		"nothing":                   {nil, nil},
		"talk":                      {[]string{talk, talk}, []int{1, 1}},
		"between":                   {[]string{talk, "Yeah.", "Mm-hmm.", "Okay.", "Right.", "Sure.", talk}, []int{6, 1}},
		"at the beginning":          {[]string{"Hi.", "Yeah.", "Mm-hmm.", "Okay.", "Right.", talk, talk}, []int{6, 1}},
		"at the end":                {[]string{talk, "Hi.", "Yeah.", "Mm-hmm.", "Okay.", "Right."}, []int{6}},
		"one that says something":   {[]string{talk, "Yeah.", "Mm-hmm.", "It is bolted to the floor by us.", "Right.", "Sure.", talk}, []int{1, 5, 1}},
		"many":                      {append(append([]string{talk}, slices.Repeat([]string{"Yeah, yeah."}, 40)...), talk), []int{41, 1}},
		"nothing else":              {slices.Repeat([]string{"Mm-hmm."}, 12), []int{12}},
		"more than fit one":         {append(append([]string{talk}, slices.Repeat([]string{"Yes, yes, yes, yes."}, 40)...), talk), []int{26, 16}},
		"more than fit two":         {append(append([]string{talk}, slices.Repeat([]string{"Yes, yes, yes, yes."}, 60)...), talk), []int{26, 30, 6}},
		"beside one of full length": {[]string{strings.Repeat("x", memory.MaxContent-10), "Yeah.", "Okay.", "Right.", "Sure.", "Hm."}, []int{1, 5}},
	}
	for name, test := range tests {
		var all []transcript.Segment
		for i, turn := range test.turns {
			all = append(all, segment([]string{"A", "B"}[i%2], turn, all...))
		}
		var got []int
		var joined []transcript.Segment
		for p, err := range Join(Cut(each(all))) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, len(p.Segments))
			joined = append(joined, p.Segments...)
			var lines []string
			for _, seg := range p.Segments {
				lines = append(lines, line(seg))
			}
			if p.Text != strings.Join(lines, "\n") {
				t.Errorf("%s: %q", name, p.Text)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(all, joined); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func each(all []transcript.Segment) iter.Seq2[transcript.Segment, error] {
	return func(yield func(transcript.Segment, error) bool) {
		for _, seg := range all {
			if !yield(seg, nil) {
				return
			}
		}
	}
}

// Passages are found again as they were cut, whatever would cut them now.
func TestAgain(t *testing.T) {
	var all []transcript.Segment
	for i := range 12 {
		all = append(all, segment("A", strings.Repeat("x", i+1), all...))
	}
	ends := map[int64]int64{2: all[3].Range[1], 5: all[4].Range[1], 9: all[10].Range[1]} // by the first seq
	var got [][2]int64
	for p, err := range Again(each(all), func(seg transcript.Segment) (int64, bool) { last, ok := ends[seg.Seq]; return last, ok }) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, [2]int64{p.First().Seq, p.Last().Seq})
	}
	if diff := cmp.Diff([][2]int64{{2, 4}, {5, 5}, {9, 11}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSummary(t *testing.T) {
	var r extraction.Result
	for i, name := range strings.Fields("a b c d e f g h i j") {
		r.Entities = append(r.Entities, extraction.EntityCandidate{Name: name, Mentions: i, Common: cited(0.8)})
	}
	r.Entities[8].Confidence = 0.5
	want := "Found in this session: 0 procedures, 10 entities and 0 risk signals. About: j; h; g; f; e; d; c; b; and 1 more."
	if got := Summary(r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r.Entities[9].Name = strings.Repeat("x", maxSummary)
	if got := Summary(r); len(got) > maxSummary {
		t.Errorf("%d characters", len(got))
	}
	r.Summary = &extraction.CitedSummary{Text: " The mill runs\nat night. "}
	if got := Summary(r); got != "The mill runs at night." {
		t.Errorf("of the extraction: %q", got)
	}
	r.Summary.Text = strings.Repeat("wörd ", maxSummary)
	if got := Summary(r); !strings.HasSuffix(got, "wörd…") || utf8.RuneCountInString(got) > maxSummary {
		t.Errorf("of %d characters: …%q", utf8.RuneCountInString(got), got[len(got)-20:])
	}
}
