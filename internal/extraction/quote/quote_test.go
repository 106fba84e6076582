package quote_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/extraction/quote"
	"griot/internal/transcript"
)

func segments(texts ...string) (segs []transcript.Segment) {
	for i, text := range texts {
		segs = append(segs, transcript.NewSegment(transcript.Turn{Text: text}, int64(i+1), 0))
	}
	return segs
}

var talk = segments(
	"We count the till — twice — before Ines locks it.",
	"Really?",
	"Yes. She doesn't leave till it’s “right”.",
	"First the coins, then the",
	"notes, then the cheques.",
	"我们每天关店前数两遍。",
	"Und dann die Kasse: cafe\u0301, Brötchen, Tee.",
	"Yes.",
	"Yes.",
	"We count again.",
)

func TestFind(t *testing.T) {
	tests := map[string]struct {
		seq   int64
		quote string
		want  []string
	}{
		"to the letter":         {1, "count the till", []string{"1: count the till"}},
		"another dash":          {1, "the till - twice - before", []string{"1: the till — twice — before"}},
		"a capital, a stop":     {1, "Before Ines locks it!", []string{"1: before Ines locks it"}},
		"plain apostrophes":     {3, `She doesn't leave till it's "right".`, []string{"3: She doesn't leave till it’s “right"}},
		"round apostrophes":     {3, "She doesn’t leave", []string{"3: She doesn't leave"}},
		"two lines off":         {5, "She doesn't leave", []string{"3: She doesn't leave"}},
		"over two lines":        {4, "then the notes, then", []string{"4: then the", "5: notes, then"}},
		"with the number":       {4, "then the [5] notes", []string{"4: then the", "5: notes"}},
		"a gap":                 {1, "We count the till ... Ines locks it", []string{"1: We count the till", "1: Ines locks it"}},
		"a gap in brackets":     {1, "We count […] locks it", []string{"1: We count", "1: locks it"}},
		"far, but only one":     {9, "before Ines locks it", []string{"1: before Ines locks it"}},
		"the nearest":           {9, "yes", []string{"9: Yes"}},
		"without spaces":        {6, "关店前", []string{"6: 关店前"}},
		"composed":              {7, "café, Brötchen", []string{"7: cafe\u0301, Brötchen"}},
		"other words":           {1, "count the tills", nil},
		"another order":         {1, "the till count", nil},
		"half a word":           {1, "count the til", nil},
		"far and common":        {1, "Yes", []string{"3: Yes"}},
		"too far":               {5, "We count again", nil},
		"the last before a gap": {8, "yes … we count", []string{"9: Yes", "10: We count"}},
		"a wide gap":            {4, "the coins … Kasse … Yes", []string{"4: the coins", "7: Kasse", "8: Yes"}},
		"gaps only":             {1, "We … count … the … till … twice … before … Ines … locks … it", nil},
		"gap backwards":         {1, "Ines locks it ... count the till", nil},
		"empty":                 {1, " … ", nil},
		"nothing":               {1, "", nil},
		"no such line":          {99, "Really", nil},
	}
	text := quote.NewText(talk)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			found, ok := text.Find(test.seq, test.quote)
			var got []string
			for _, e := range found {
				got = append(got, fmt.Sprintf("%d: %s", e.Seq, e.Quote))
			}
			if diff := cmp.Diff(test.want, got); diff != "" || ok != (test.want != nil) {
				t.Errorf("ok is %v\n%s", ok, diff)
			}
		})
	}
}

// Lines of a request have names before the words, and models copy those, too.
func TestFindWithSpeakers(t *testing.T) {
	ana, bo := "Ana Ruiz", "Bo"
	segs := segments("Count it: then lock it.", "Bo: that is my name.")
	segs[0].Speaker, segs[1].Speaker = &ana, &bo
	text := quote.NewText(segs)
	for words, want := range map[string]string{
		"Ana Ruiz: Count it":                              "Count it",
		"[1] ana ruiz: count it: then lock it [2] Bo: Bo": "Count it: then lock it",
		"Bo: that is":                                     "Bo: that is",
		"Ines: Count":                                     "",
		"Ruiz: then":                                      "",
		"Ana Ruiz Bo :":                                   "",
		"Bo: Bo: Bo:":                                     "",
		":":                                               "",
	} {
		found, ok := text.Find(1, words)
		if ok != (want != "") || ok && found[0].Quote != want {
			t.Errorf("%q: found %+v, want %q", words, found, want)
		}
	}
}

func TestCount(t *testing.T) {
	text := quote.NewText(segments("Ana Ruiz calls Ana. ANA’s phone; Banana.", "ana-ruiz, 王芳和王芳"))
	for want, names := range map[int][]string{
		4: {"Ana Ruiz", "Ana", "ana ruiz"}, 2: {"王芳"}, 1: {"Banana"}, 0: {"Anar", "", "…", "Ana s", "Ruiz Ana"},
	} {
		if got := text.Count(names...); got != want {
			t.Errorf("%q: %d, want %d", names, got, want)
		}
	}
}

func TestHas(t *testing.T) {
	text := quote.NewText(segments("Ana Ruiz calls the Ana Bell’s twin, and the "+strings.Repeat("bell ", 30_000)+"rings for Ann.", "王芳"))
	for name, want := range map[string]bool{
		"Ana Ruiz": true, "ana bell": true, "the Ana Bell": true, "Bell rings": true, "Ann": true, "芳": true,
		"Ruiz Ana": false, "Bell Bell Ana": false, "Ana Bell Ann": false, "An": false, "": false, "…": false,
	} {
		if got := text.Has(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// However common its words are, a quote is found near its line, and elsewhere if
// it stands only once.
func TestFindAmongMany(t *testing.T) {
	var texts []string
	for range 30_000 {
		texts = append(texts, "yes we do that, and")
	}
	texts[20_000] = "yes we do that here, and"
	texts[29_000] = "only once we do that, and"
	text := quote.NewText(segments(texts...))
	for quote, tests := range map[string]map[int64]int64{
		"yes we do that, and": {1: 1, 15_000: 15_000, 40_000: 0}, "we do that here": {20_003: 20_001, 3: 0}, "only once we do": {7: 29_001},
	} {
		for seq, want := range tests {
			found, ok := text.Find(seq, quote)
			if ok != (want > 0) || ok && found[0].Seq != want {
				t.Errorf("%q at %d: %v, %v", quote, seq, found, ok)
			}
		}
	}
}

// Whatever is found can be cited: the bytes are those of the segment.
func FuzzFind(f *testing.F) {
	f.Add("We count\nthe till", int64(1), "count the")
	f.Add("cafe\u0301 \xff’\n…", int64(2), "é ’ \xff")
	f.Fuzz(func(t *testing.T, text string, seq int64, words string) {
		segs := segments(strings.Split(text, "\n")...)
		found, ok := quote.NewText(segs).Find(seq, words)
		if ok != (len(found) > 0) {
			t.Fatalf("%v with %v", ok, found)
		}
		for _, e := range found {
			seg := segs[e.Seq-1].Text
			if e.Quote == "" || e.At+len(e.Quote) > len(seg) || seg[e.At:e.At+len(e.Quote)] != e.Quote {
				t.Errorf("%q is not at %d of %q", e.Quote, e.At, seg)
			}
		}
	})
}
