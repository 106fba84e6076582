package export_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"griot/internal/errs"
	"griot/internal/transcript"
	"griot/internal/transcript/export"
	"griot/internal/transcript/format"
	"griot/internal/transcript/format/turn"
)

var (
	// Names as people have them, and some that are made to be taken for words,
	// times, notices or other names.
	speakers = []string{"Ana Bell", "Bo", "SPEAKER_01", "Dr. José O'Neil", "", "Q", "Li & Co.", "interviewer", "p01", "王芳", "מרים",
		"Lindqvist, Mara (FIN/DE)", "Bo [External]", "Ana: the boss", "Ana Bell (she/her)", "+49 170 ***12", "a@b.org", "🙂", "Note", "The",
		"-", "[0:12]", "12:30", `"Ana"`, `C:\`, "Music", "Break", "http", "> x", "# x", "*", "<v Bo>", "&amp;", "Step 1", "x：y", "Slides",
		"ANA BELL", "ana bell", "Bo (Ports)", "Bo (Docks)", "Bo (2)", "(Bo)", "Today", "4 May 2026", "1h 2m", "Ana — Today", "“Ana", "Q.", "BY MS. ROY", "1 Bo", "Page 2",
		"\u200eAna", "[Musik]", ">> Bo", "Bo 1m 2s", "one two three four five six seven eight nine ten eleven twelve", "What?", "first"}
	plainWords = strings.Fields("well the pump 12 1984. 2m 3s >> May 4, Today at 9 AM Ana Bell Bo (it) is-open — ‘so’ ünïcode 世界 yes, no; why? 50% a/b $5 é…")
	wildWords  = strings.Fields(`*a* _b_ **c** [d](e) [00:12] \[0:01\] <i> </i> <v X> &amp; & &#42; --> --&gt; {\\an8} # ## > - + = 1. 2) ~~f~~ \ \* ![g](h) (0:12) 12:30 <!-- --> http://x.org/?a=b&c=d` + " `i` ```")
)

// conversation makes up turns in the order of time.
func conversation(r *rand.Rand, words []string) []transcript.Turn {
	turns := make([]transcript.Turn, 1+r.IntN(6))
	at := int64(r.IntN(5_000_000))
	for i := range turns {
		t := transcript.Turn{Speaker: speakers[r.IntN(len(speakers))]}
		var text []string
		for range 1 + r.IntN(8) {
			text = append(text, words[r.IntN(len(words))])
		}
		t.Text = strings.Join(text, " ")
		if r.IntN(8) == 0 {
			t.Text = strings.Join(text, "\n") // as clients of live sessions may send it
		}
		start, end := at, at+1+int64(r.IntN(9000))
		t.StartMS = &start
		if r.IntN(3) > 0 {
			t.EndMS = &end
		}
		at = end + int64(r.IntN(2000))
		turns[i] = t
	}
	return turns
}

// The parsers read every export back to the same speakers and words, and to
// the same times as far as the format has them; written again, it is the same.
func TestRoundTrip(t *testing.T) {
	wild := append(slices.Clone(plainWords), wildWords...)
	same := func(*transcript.Turn) {}
	for i, keep := range []func(*transcript.Turn){ // what the format has of a turn
		same, same,
		func(t *transcript.Turn) { t.StartMS, t.EndMS = nil, nil },
		wholeSeconds,
	} {
		t.Run(export.Formats[i].Name, func(t *testing.T) {
			for seed := range uint64(3000) {
				turns := conversation(rand.New(rand.NewPCG(seed, 1)), wild)
				text, p := throughFile(t, export.Formats[i], turns)
				lines := false
				for i := range turns {
					keep(&turns[i])
					lines = lines || strings.Contains(turns[i].Text, "\n")
					turns[i].Text = turn.OneLine(turns[i].Text)
				}
				if diff := cmp.Diff(turns, p.Turns, filledEnds); diff != "" {
					t.Fatalf("seed %d: %s\n%s", seed, diff, text)
				}
				if again, _ := throughFile(t, export.Formats[i], p.Turns); again != text && !lines {
					t.Fatalf("seed %d: written again:\n%s\nbefore:\n%s", seed, again, text)
				}
			}
		})
	}
}

// throughFile writes turns and reads them back.
func throughFile(t *testing.T, f export.Format, turns []transcript.Turn) (string, format.Parsed) {
	t.Helper()
	text := write(t, func(b *bytes.Buffer) error { return f.Write(b, segments(turns...)) })
	p, err := format.Parse(strings.NewReader(text), format.MaxText, transcript.Hint{})
	prose := f.Name == "markdown" && !strings.Contains(text, "**") // which is the same in both
	if err != nil || p.Format != f.Name && !(prose && p.Format == "text") {
		t.Fatalf("read as %q, %v:\n%s", p.Format, err, text)
	}
	return text, p
}

// filledEnds lets a missing end become any.
var filledEnds = cmp.FilterPath(
	func(p cmp.Path) bool { return p.Last().String() == ".EndMS" },
	cmp.Comparer(func(a, b *int64) bool { return a == nil || b == nil || *a == *b }),
)

func wholeSeconds(t *transcript.Turn) {
	t.EndMS = nil
	if t.StartMS != nil {
		s := *t.StartMS / 1000 * 1000
		t.StartMS = &s
	}
}

// What a parser made of any file can be written in every format; and WebVTT,
// which can hold everything, comes back unchanged.
func FuzzExport(f *testing.F) {
	f.Add("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>a &lt; b\n\n00:03.000 --> 00:01.000\nc")
	f.Add("1\n00:00:01,000 --> 00:00:02,000\nAna: a --> b\n")
	f.Add("**Ana:** [00:01] a *b* &#91;00:02]\n\n**Break:**\n\nc\n\n**—:** [1:02:03] d")
	f.Add("Ana (0:01): a\nb\n[0:02] c\n—: d")
	f.Add(`[{"text":"a","start":1},{"text":"b"},{"text":"c","start":0.5,"speaker":"x>y&z"}]`)
	f.Fuzz(func(t *testing.T, file string) {
		p, err := format.Parse(strings.NewReader(file), 1<<16, transcript.Hint{})
		if err != nil {
			return
		}
		for _, to := range export.Formats {
			if err := to.Write(io.Discard, segments(p.Turns...)); err != nil && !errs.Is(err, errs.FailedPrecondition) {
				t.Fatalf("%s: %v", to.Name, err)
			}
		}
		if !fitsVTT(p.Turns) {
			return
		}
		once, p := throughFile(t, export.Formats[0], p.Turns)
		if twice, _ := throughFile(t, export.Formats[0], p.Turns); once != twice {
			t.Fatalf("%q\n%q", once, twice)
		}
	})
}

// fitsVTT is true when no turn has to join another for want of a time, and
// some voice tells the parser that names are not written before colons.
func fitsVTT(turns []transcript.Turn) bool {
	timed, voiced := true, false
	for _, t := range turns {
		timed = timed && t.StartMS != nil
		voiced = voiced || t.Speaker != ""
	}
	return timed && voiced
}

// Whatever a name and words are, they are read back.
func FuzzNames(f *testing.F) {
	for _, name := range speakers {
		f.Add(name, "Bo", strings.Join(wildWords, " "))
	}
	f.Add("", "", "Ana: x")
	f.Fuzz(func(t *testing.T, one, two, words string) {
		if !utf8.ValidString(one + two + words) {
			return
		}
		c := turn.NewCollector(format.MaxText, 100) // as any file gives them
		for i, said := range []transcript.Turn{{Speaker: one, Text: words}, {Speaker: two, Text: "Yes."}, {Speaker: one, Text: "No, " + words}} {
			start, end := int64(2000*i), int64(2000*i+1000)
			said.StartMS, said.EndMS = &start, &end
			said.Speaker = strings.Join(strings.Fields(said.Speaker), " ")
			c.Add(said)
		}
		for _, said := range c.Turns {
			if said.Speaker == "—" || strings.ContainsFunc(said.Speaker+said.Text, func(r rune) bool { return unicode.Is(unicode.Cf, r) || r == utf8.RuneError }) {
				return // nobody, and characters that cannot be seen
			}
		}
		for _, to := range export.Formats {
			text, back := throughFile(t, to, c.Turns)
			for i, said := range back.Turns {
				if len(back.Turns) != len(c.Turns) || said.Speaker != c.Turns[i].Speaker || said.Text != c.Turns[i].Text {
					t.Fatalf("%s: %s\n%s", to.Name, cmp.Diff(c.Turns, back.Turns), text)
				}
			}
		}
	})
}
