package passage

import (
	"slices"
	"strings"
	"testing"

	"griot/internal/extraction"
	"griot/internal/transcript"
)

func TestWhoSpeaksIsNoTopic(t *testing.T) {
	entities := Entities([]extraction.EntityCandidate{
		{Name: "Ann"}, {Name: "Bob", Aliases: []string{"Robert"}}, {Name: "Cy", Common: extraction.Common{Citations: []extraction.Citation{{Seq: 2}}}},
	})
	var p Passage
	p.add(transcript.NewSegment(transcript.Turn{Speaker: "Ann", Text: "I asked robert."}, 1, 0))
	p.add(transcript.NewSegment(transcript.Turn{Speaker: "Cy", Text: "Who?"}, 2, 0))
	if got := p.Topics(entities); !slices.Equal(got, []string{"Bob", "Cy"}) {
		t.Errorf("topics %q", got)
	}
}

func TestSummaryNamesTheMostMentioned(t *testing.T) {
	var r extraction.Result
	for i, name := range strings.Fields("a b c d e f g h i j") {
		r.Entities = append(r.Entities, extraction.EntityCandidate{Name: name, Mentions: i})
	}
	want := "Found in this session: 0 procedures, 10 entities and 0 risk signals. About: j; i; h; g; f; e; d; c; and 2 more."
	if got := Summary(r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r.Entities[9].Name = strings.Repeat("x", maxSummary)
	if got := Summary(r); len(got) > maxSummary {
		t.Errorf("%d characters", len(got))
	}
}
