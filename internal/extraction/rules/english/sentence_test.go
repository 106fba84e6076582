package english

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"Open it. Close it!  Why? Because.", []string{"Open it.", "Close it!", "Why?", "Because."}},
		{"Ask Dr. Lee or J. Smith at 5 p.m. today.", []string{"Ask Dr. Lee or J. Smith at 5 p.m. today."}},
		{"We moved to the U.S. Then it broke.", []string{"We moved to the U.S.", "Then it broke."}},
		{"No. It's tedious.", []string{"No.", "It's tedious."}},
		{"He said \"stop.\" We did.", []string{"He said \"stop.\"", "We did."}},
		{"Version 2.5 of node.js costs $3.50.", []string{"Version 2.5 of node.js costs $3.50."}},
		{"1) Mix it.\n2) Bake it\n3) Eat it", []string{"1) Mix it.", "2) Bake it", "3) Eat it"}},
		{"one line\nof the same sentence\n\nanother", []string{"one line\nof the same sentence", "another"}},
		{"", nil},
		{" \n ", nil},
	} {
		var got []string
		for _, s := range Sentences(c.text) {
			got = append(got, s.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"Don’t use Dana's AT&T phone": "Don’t use Dana 's AT&T phone",
		"we're on Node.js, 1,200.50%": "we 're on Node.js , 1,200.50 %",
		"see https://x.org/a?b. Now":  "see https://x.org/a?b . Now",
		"Bailey-Ross":                 "Bailey - Ross",
		"end.Next":                    "end . Next",
	} {
		var got []string
		for _, tok := range Tokens(text) {
			got = append(got, tok.Text)
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q: got %q, want %q", text, g, want)
		}
	}
}

func TestQuestion(t *testing.T) {
	for text, want := range map[string]bool{
		"Who owns it?": true, "so how do you close it": true, "That's how we do it.": false, "Can you show me": true, "we can you know": false,
	} {
		if got := Sentences(text)[0].Question; got != want {
			t.Errorf("%q: question %v", text, got)
		}
	}
}

// FuzzSentences shows that tokens cover the text in order and that sentences lose
// none of them.
func FuzzSentences(f *testing.F) {
	f.Add("Mr. O’Neil's “no.” 3.5% U.S. etc. @a #b http://x. İi\n\n1) x")
	f.Add("\xff\xfe'’s .'s ''s")
	f.Fuzz(func(t *testing.T, text string) {
		end, n := 0, 0
		for _, s := range Sentences(text) {
			if len(s.Tokens) == 0 || len(s.Tokens) > MaxTokens+50 {
				t.Fatalf("a sentence of %d tokens", len(s.Tokens))
			}
			for _, tok := range s.Tokens {
				if tok.Start < end || tok.End <= tok.Start || text[tok.Start:tok.End] != tok.Text {
					t.Fatalf("token %+v after %d", tok, end)
				}
				if strings.TrimSpace(text[end:tok.Start]) != "" {
					t.Fatalf("%q is no token", text[end:tok.Start])
				}
				end = tok.End
				n++
			}
		}
		if n != len(Tokens(text)) || strings.TrimSpace(text[end:]) != "" {
			t.Fatal("tokens are lost")
		}
	})
}
