package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"griot/internal/extraction"
	"griot/internal/transcript"
)

// hostile are texts that nobody says; each is repeated, with %[1]d as the
// number of the repetition. A line is a segment, of at most as many characters
// as a segment has.
var hostile = []struct{ name, piece string }{
	{"then", "Then "},
	{"one word", "x"},
	{"then of", "Then of "},
	{"thens after a step", "We open it" + strings.Repeat(" then of", 110) + ". "},
	{"ands after a step", "First we pull the report" + strings.Repeat(" and then", 110) + ". "},
	{"commas after a step", "We open it" + strings.Repeat(",", 230) + ". "},
	{"conditions after a step", "If we" + strings.Repeat(" Ana,", 110) + ". "},
	{"a word a line", "No\n"},
	{"fractions", "1./"},
	{"owners", "Priya owns/"},
	{"faces", "😀 "},
	{"from right to left", "שלום, "},
	{"numbers in a list", "12, "},
	{"letters", "a\n"},
	{"labels", "Name%[1]d: x\n"},
	{"speakers with steps", "Ana%[1]d: First I open item %[1]d.\n"},
	{"names", "Dana Okafor%[1]d owns System%[1]d. "},
	{"names of one letter", "A. B. C. "},
	{"a sentence of names", "Ana Bell%[1]d and "},
	{"commas", "we pull it, "},
	{"steps", "First we pull it. Then we send it. "},
	{"steps of one kind", "First, open Billing%[1]d. Next, close Billing%[1]d.\n"},
	{"questions", "How do you do it? "},
	{"conditions", "if when if "},
	{"quotes", "\"'“‘("},
	{"risks", "Only Dana knows it. It is not written down. "},
	{"leavers", "Dana%[1]d leaves next month and nobody else knows Ledger%[1]d.\n"},
	{"who says otherwise", "No, Dana owns Billing. No, Omar owns Billing. "},
	{"capitals", "ABC DEF GHI "},
	{"capitals without end", "AbcDef"},
	{"numbers", "1) 2) 3) "},
	{"dots", "a.b.c... "},
	{"hyphens", "a-b-"},
	{"ands", "and and and "},
	{"of", "the head of the team of "},
	{"ideographs", "先打开"},
	{"accents", "e\u0301\u0301"},
}

// hostileText cuts the repetitions into segments.
func hostileText(piece string, size int) []transcript.Segment {
	var b strings.Builder
	for n := 0; b.Len() < size; n++ {
		if strings.Contains(piece, "%") {
			fmt.Fprintf(&b, piece, n)
		} else {
			b.WriteString(piece)
		}
	}
	var segs []transcript.Segment
	offset := int64(0)
	add := func(t transcript.Turn) {
		s := transcript.NewSegment(t, int64(len(segs)+1), offset)
		offset = s.Range[1] + 2
		segs = append(segs, s)
	}
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSpace(line)
		who, words, ok := strings.Cut(line, ": ")
		if !ok || len(who) > 30 {
			who, words = "", line
		}
		for len(words) > 0 {
			n := min(len(words), transcript.MaxSegmentRunes)
			for n < len(words) && words[n]&0xC0 == 0x80 {
				n--
			}
			if i := strings.LastIndexByte(words[:n], ' '); i > 0 && n < len(words) {
				n = i
			}
			add(transcript.Turn{Speaker: who, Text: strings.TrimSpace(words[:n])})
			words = strings.TrimSpace(words[n:])
		}
	}
	return segs
}

// TestPassedOver has a transcript that takes more work than it is worth.
func TestPassedOver(t *testing.T) {
	segs := hostileText("No\n", 2<<20)
	f, err := Extractor().Extract(t.Context(), extraction.Input{Template: "operational_workflow", Title: "Interview", Segments: segs})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(f.Warnings, func(w extraction.Warning) bool { return w.Code == extraction.TextPassedOver })
	if want := fmt.Sprintf("of its %d segments", len(segs)); i < 0 || !strings.Contains(f.Warnings[i].Message, want) {
		t.Errorf("the warnings are %v", f.Warnings)
	}
}

// BenchmarkHostile shows that the time taken is linear in the text, whatever
// the text is: a second or two for a megabyte at most.
func BenchmarkHostile(b *testing.B) {
	for _, h := range hostile {
		for _, mb := range []int{1, 2, 5, 10} {
			b.Run(fmt.Sprintf("%s/%dMB", h.name, mb), func(b *testing.B) {
				segs := hostileText(h.piece, mb<<20)
				in := extraction.Input{Template: "operational_workflow", Title: "Interview", Segments: segs}
				before := processorTime()
				for b.Loop() {
					f, err := Extractor().Extract(context.Background(), in)
					if err != nil {
						b.Fatal(err)
					}
					extraction.Cite(extraction.Source{}, extraction.ExtractorVersion{}, segs, f)
				}
				b.ReportMetric((processorTime()-before).Seconds()/float64(b.N), "cpu-s/op")
			})
		}
	}
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
