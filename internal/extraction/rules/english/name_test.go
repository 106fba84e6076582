package english

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func find(text string) []string {
	f := NameFinder{Casing: NewCasing()}
	sents := Sentences(text)
	for _, s := range sents {
		f.Casing.Learn(s)
	}
	var got []string
	for _, s := range sents {
		for _, sp := range f.Find(s) {
			q, _ := s.Quote(sp.From, sp.To)
			got = append(got, q)
		}
	}
	return got
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"Yesterday Dana Whitfield met Minister Boris Johnson in Paris.", []string{"Dana Whitfield", "Minister Boris Johnson", "Paris"}},
		{"Then we asked the Sea Org about it.", []string{"Sea Org"}},
		{"The Afghan team and Muslims met in Mecca's square.", []string{"Muslims", "Mecca"}},
		{"Kim Min-Woo and Bailey-Ross use an iPhone.", []string{"Kim Min-Woo", "Bailey-Ross", "iPhone"}},
		{"Firefighters arrived. Reports say so.", nil},
		{"Zuora broke. We fixed Zuora.", []string{"Zuora", "Zuora"}},
		{"He shouted STOP at the door.", nil},
		{"i saw emma at work with netsuite", []string{"emma", "netsuite"}},
		{"I will ask Will. Maybe in May.", []string{"Will", "May"}},
		{"New York and Ernst & Young know AT&T.", []string{"New York", "Ernst & Young", "AT&T"}},
		{"Volunteers Needed For Spring Market Day", []string{"Spring"}},
	} {
		if diff := cmp.Diff(c.want, find(c.text)); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}

func TestLookup(t *testing.T) {
	for text, want := range map[string]NameKind{"NetSuite": System, "accounts payable": Team, "AP": Team, "GDPR": Policy, "New Zealand": Place, "Monday": Time, "Dana": Unknown} {
		if got, _ := LookupName(text); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
	if _, listed := LookupName("AP"); listed != "accounts payable" {
		t.Errorf("AP is listed as %q", listed)
	}
}

// TestWithoutCapitals shows that in a transcript without capitals words are
// names that are used as names are: again and again, without an article.
func TestWithoutCapitals(t *testing.T) {
	text := strings.Repeat("so you take the spanner and the gasket out of the drawer and you put the gasket on the bench. ", 12) +
		"then you look in tidewell. emma quist says tidewell is slow. put it in tidewell, and ask the fitter about a gasket."
	got := find(text)
	if want := []string{"tidewell", "emma quist", "tidewell", "tidewell"}; !cmp.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestTalk(t *testing.T) {
	for text, want := range map[string]bool{
		"I open the form and you sign it. Okay, we do that.":                true,
		"The council met on Friday. Its members voted for the new harbour.": false,
	} {
		c := NewCasing()
		for _, s := range Sentences(text) {
			c.Learn(s)
		}
		if c.Talk() != want {
			t.Errorf("%q: talk is %v", text, c.Talk())
		}
	}
}
