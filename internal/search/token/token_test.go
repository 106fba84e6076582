package token

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func terms(text string) string {
	var all []string
	for t := range All(text) {
		term := t.Term
		if t.Stop {
			term = "(" + term + ")"
		}
		all = append(all, term)
	}
	return strings.Join(all, " ")
}

func TestAll(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"  …!?", ""},
		{"Discussions, discussed: DISCUSSING", "discuss discuss discuss"},
		{"Where did Caroline's painter go?", "(where) (did) carolin painter go"},
		{"She went, we’re going; don't", "(she) go (we) go (do)"},
		{"O'Brien 'quoted' rock'n'roll", "obrien quot rocknrol"},
		{"Café CRÈME Straße Łódź ﬁne", "cafe creme strass lodz fine"},
		{"post-16 v1.2 2026-03-02 8th", "post 16 v1 2 2026 03 02 8th"},
		{"東京の会議 meeting", "東 京 の 会 議 meet"},
		{"हिन्दी Ελλάς МОСКВА", "हिन्दी ελλασ москва"},
		{"a\xffb \x00c", "(a) b c"},
		{"🙂🙂", ""},
		{strings.Repeat("x1", 100), strings.Repeat("x1", 32)},
		{strings.Repeat("é1д", 100), strings.Repeat("e1д", 16)},
	} {
		if got := terms(c.text); got != c.want {
			t.Errorf("All(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestAllTellsWhere(t *testing.T) {
	text := "Zoë's café, don't"
	var words []string
	for tok := range All(text) {
		words = append(words, text[tok.Start:tok.End])
	}
	if diff := cmp.Diff([]string{"Zoë's", "café", "don't"}, words); diff != "" {
		t.Error(diff)
	}
}

func TestDates(t *testing.T) {
	day := DateTerms(time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC))
	if diff := cmp.Diff([]string{"2026-03-02", "2026-03", "03-02", "march"}, day); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct{ text, want string }{
		{"on 2 March 2026", "2026-03-02 2026-03 03-02"},
		{"March 2nd, 2026", "2026-03-02 2026-03 03-02"},
		{"the 2nd of March", "03-02"},
		{"in March 2026", "2026-03"},
		{"2026-03-02T10:00:00Z", "2026-03-02 2026-03 03-02"},
		{"Sept 9", "09-09"},
		{"March of 12 people in 1999", "03-12"},
		{"may I, in 2026", "2026-05"},
		{"in 2026", ""},
		{"2026-13-02 32", ""},
	} {
		var content []string
		for tok := range All(c.text) {
			if !tok.Stop {
				content = append(content, tok.Term)
			}
		}
		found := Dates(content)
		slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
		if got := strings.Join(slices.Compact(found), " "); got != c.want {
			t.Errorf("Dates(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzAll(f *testing.F) {
	f.Add("Where did Zoë’s team meet on 2 March 2026? 東京")
	f.Add("\xff\xfe'a'\u0301b\u0301")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for tok := range All(text) {
			if tok.Start < end || tok.End <= tok.Start || tok.End > len(text) {
				t.Fatalf("token at %d–%d after %d of %d bytes", tok.Start, tok.End, end, len(text))
			}
			if end = tok.End; tok.Term == "" || len(tok.Term) > maxWord || !utf8.ValidString(tok.Term) {
				t.Fatalf("term %q", tok.Term)
			}
		}
	})
}

func BenchmarkAll(b *testing.B) {
	text := strings.Repeat("When did Caroline go to the support group for painters she met in Łódź? ", 100)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		for range All(text) {
		}
	}
}
