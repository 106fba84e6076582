package analysis

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Extras stand where the first and the last word stand for which they are, and
// make no text longer.
func TestExtrasOfUnits(t *testing.T) {
	unit := Unit(Doc{Conversation: "c", Memory: "m", Text: "send the e-book-list now, 東京 sign up"})
	if fmt.Sprint(unit.Lengths) != "[8]" { // send e book list now 東 京 sign
		t.Errorf("lengths %v", unit.Lengths)
	}
	for term, want := range map[string]string{
		"send": "[1]", "e": "[3]", "book": "[4]", "list": "[5]", "ebooklist": "[3 5]", "now": "[6]",
		"東京": "[7]", "東": "[7]", "京": "[8]", "sign": "[9]", "signup": "[9 10]", "up": "[]",
	} {
		found := false
		for _, posted := range unit.Terms {
			if posted.Text != term {
				continue
			}
			found = true
			var at []uint64
			before := uint64(0)
			for b := posted.Entries[0].Positions; len(b) > 0; {
				step, n := binary.Uvarint(b)
				b, before = b[n:], before+step
				at = append(at, before)
			}
			if got := fmt.Sprint(at); got != want || posted.Entries[0].Weight != 1 {
				t.Errorf("%s at %s with weight %d, want %s", term, got, posted.Entries[0].Weight, want)
			}
		}
		if !found {
			t.Errorf("%s is not indexed", term)
		}
	}
}

// Extras of a query are behind its words, and what they stand for in part counts
// less if it is found everywhere.
func TestExtrasOfQueries(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"the e-book list", "e@1 book@2 list@3 ebook×0.6"},
		{"version 4.2", "version@0 4×0.25@1 2×0.25@2 4.2"},
		{"東京 tower", "東×0.4@0 京×0.4@1 tower@2 東京"},
		{"ask Will Smith", "ask×0.4@0 Will@1 smith@2"},
		{"it room", "It×0.4@0 room@1"},
		{"the room", "room@1"},
		{"it is in the room", "room@4"},
		{"IT", "it@0 It"},
		{"Müller Straße", "muller+mueller×0.8@0 strass@1"},
		{"log in again", "log@0 login×0.3"},
		{"doctor Mueller", "doctor@0 mueller+muller×0.3@1"},
		{"l'école", "lecol+ecol×0.5@0"},
		{"부산에서", "부산에서@0 부산×0.5 산에×0.5 에서×0.5"},
		{"book book-list book", "book@0 list@2 booklist×0.6"},
	} {
		var parts []string
		for _, s := range ParseQuery(c.text, time.Time{}).Slots {
			var terms []string
			for _, term := range s.Terms {
				if terms = append(terms, term.Text); term.Weight != 1 {
					terms[len(terms)-1] += fmt.Sprintf("×%.2g", term.Weight)
				}
			}
			part := strings.Join(terms, "+")
			if s.At != noPlace {
				part += fmt.Sprintf("@%d", s.At)
			}
			parts = append(parts, part)
		}
		if got, want := strings.Join(parts, " "), norm.NFKD.String(c.want); norm.NFKD.String(got) != want {
			t.Errorf("%q: %s, want %s", c.text, got, want)
		}
	}
}

// A phrase of nothing but common words that are written as names requires these.
func TestPhraseOfNames(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`"IT" room`, "It room +It[]"},
		{`room -US`, "room -Us[]"},
		{`"e-book list"`, "e book list ebook +e_book_list[0 1 2]"},
	} {
		if got := written(ParseQuery(c.text, time.Time{})); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}
