package analysis

import (
	"testing"
	"time"
)

// nearness is what a term counts of a word.
func nearness(word, term string) float64 {
	slot := ParseQuery(word, time.Time{}).Slots[0]
	if !CanHave(slot) {
		return 0
	}
	return NewNear(slot, true).Share(term)
}

func TestNear(t *testing.T) {
	for _, c := range []struct {
		name  string
		pairs [][2]string // word, term
		least float64
		most  float64
	}{
		{"the word itself", [][2]string{{"harbour", "harbour"}}, 0.8, 0.8},
		{"beginnings", [][2]string{{"app", "applic"}, {"admin", "administr"}, {"spec", "specif"}, {"perf", "perform"}}, 0.35, 0.8},
		{"parts of words", [][2]string{{"Fahrtkosten", "fahrt"}, {"Fahrtkosten", "kosten"}, {"kosten", "fahrtkosten"}}, 0.3, 0.8},
		{"a letter too many or too few", [][2]string{{"goverment", "govern"}, {"recieve", "receiv"}, {"adress", "address"}, {"calender", "calendar"}}, 0.5, 0.8},
		{"letters swapped", [][2]string{{"prodcution", "product"}, {"Grafnaa", "grafana"}, {"Postrges", "postgr"}}, 0.5, 0.8},
		{"two mistakes", [][2]string{{"Elasticsaerhc", "elasticsearch"}, {"Yugoslawja", "yugoslavia"}}, 0.5, 0.7},
		{"the first letter", [][2]string{{"jubernetes", "kubernet"}, {"rafana", "grafana"}, {"rgafana", "grafana"}}, 0.5, 0.8},
		{"other endings", [][2]string{{"книгами", "книга"}, {"evlerimizden", "evleri"}, {"talossamme", "talossa"}, {"könyvekkel", "konyvek"}}, 0.4, 0.8},
		{"Korean particles", [][2]string{{"학교에서", "학교를"}, {"학교", "학교는"}}, 0, 0.8},
		{"a vowel more", [][2]string{{"كتب", "كتاب"}}, 0.5, 0.8},
		{"short words", [][2]string{{"cat", "car"}, {"is", "it"}, {"an", "ant"}, {"кот", "код"}}, 0, 0},
		{"numbers", [][2]string{{"2026", "2025"}, {"node1", "node2"}, {"harbour", "2026-harbour"}}, 0, 0},
		{"other words", [][2]string{{"harbour", "manifest"}, {"contract", "contour"}, {"invite", "invoic"}, {"Konto", "Kopf"}, {"rack", "cracker"}, {"trip", "stripes"}}, 0, 0},
	} {
		for _, pair := range c.pairs {
			if share := nearness(pair[0], pair[1]); share < c.least || share > c.most {
				t.Errorf("%s: %q counts %.2f of %q, want %.2f to %.2f", c.name, pair[1], share, pair[0], c.least, c.most)
			}
		}
	}
}

// Edits are counted as the full table of distances has them.
func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abcd", "bacd", 1}, {"abc", "abcd", 1}, {"kitten", "sitting", 3}, {"abcdef", "badcfe", 3}, {"ca", "abc", 3}} {
		got := distance([]rune(c.a), []rune(c.b), 3)
		if got != c.want {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if cut := distance([]rune(c.a), []rune(c.b), 1); min(cut, 2) != min(c.want, 2) {
			t.Errorf("%q and %q, cut: %d, want %d", c.a, c.b, cut, c.want)
		}
	}
}

func FuzzNear(f *testing.F) {
	f.Add("kuberentes", "kubernet")
	f.Add("학교에서", "\xff\x00")
	f.Fuzz(func(t *testing.T, word, term string) {
		q := ParseQuery(word, time.Time{})
		for _, slot := range q.Slots {
			if !CanHave(slot) {
				continue
			}
			for _, all := range []bool{true, false} {
				near := NewNear(slot, all)
				begins, least := near.Beginning()
				if least > len(begins) {
					t.Fatalf("%q begins with %d bytes of %q", word, least, begins)
				}
				if share := near.Share(term); share < 0 || share > 1 {
					t.Fatalf("%q counts %v of %q", term, share, word)
				}
			}
		}
	})
}
