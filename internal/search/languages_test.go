package search_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"griot/internal/search"
	"griot/internal/table"
)

// told is a small conversation and a question about it, in other forms of its
// words.
type told struct{ language, text, question string }

func toldIn(t *testing.T, name string) (all []told) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	language := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		text, question, both := strings.Cut(lines.Text(), " | ")
		switch {
		case strings.HasPrefix(text, "#"):
		case both:
			all = append(all, told{language, text, question})
		case text != "":
			language = text
		}
	}
	return all
}

// Questions in other forms of a text's words find it, in any language, among
// conversations in all of them. Ranking was tuned on every other line; the
// others say how it does elsewhere.
func TestLanguages(t *testing.T) {
	all := toldIn(t, "testdata/languages.txt")
	for _, c := range []struct {
		name  string
		least int // of a hundred questions whose conversation is the first hit
		also  func(i int) []string
	}{
		{"among all", 95, func(int) []string { return nil }},
		{"and each word of a question stands elsewhere, too", 75, func(i int) []string { return strayWords(all, i) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			index, closed, err := newIndex()
			if err != nil {
				t.Fatal(err)
			}
			defer closed()
			for i := range all {
				for n, text := range append([]string{all[i].text}, c.also(i)...) {
					op := index.Put("ws_1", search.Doc{Conversation: fmt.Sprintf("conv_%03d_%d", i, n), Memory: "m", Text: text})
					if err := index.Table.Transact(t.Context(), []table.Op{op}); err != nil {
						t.Fatal(err)
					}
				}
			}
			askAll(t, index, all, c.least)
		})
	}
}

// strayWords are texts with one word of a question each, among words of what
// else is told in the language.
func strayWords(all []told, i int) (texts []string) {
	for n, word := range strings.Fields(all[i].question) {
		other := all[i/8*8+(i+n%7+1)%8]
		if words := strings.Fields(other.text); len(words) > 1 && utf8.RuneCountInString(word) > 3 {
			texts = append(texts, strings.Join(append(words[:len(words):len(words)], word), " "))
		}
	}
	return texts
}

func askAll(t *testing.T, index *search.Index, all []told, least int) {
	t.Helper()
	var asked, first [2]int
	languages := map[string]int{}
	for i, c := range all {
		asked[i%2]++
		found := firstHit(t.Context(), t, index, c.question)
		if found == fmt.Sprintf("conv_%03d_0", i) {
			first[i%2]++
			languages[c.language]++
		} else if i%2 == 0 {
			t.Logf("%s: %q finds %s, not %q", c.language, c.question, found, c.text)
		}
	}
	for half, name := range []string{"tuned on", "held out"} {
		t.Logf("%s: %d of %d", name, first[half], asked[half])
		if 100*first[half] < least*asked[half] {
			t.Errorf("%s: the first hit is right for %d of %d questions", name, first[half], asked[half])
		}
	}
	if t.Logf("right by language: %v", languages); len(languages) < 16 {
		t.Errorf("%d languages", len(languages))
	}
}

func firstHit(ctx context.Context, t *testing.T, index *search.Index, query string) string {
	t.Helper()
	for hit, err := range index.Search(ctx, "ws_1", search.Query{Text: query}) {
		if err != nil {
			t.Fatal(err)
		}
		return hit.Conversation
	}
	return ""
}
