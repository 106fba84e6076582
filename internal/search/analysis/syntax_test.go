package analysis

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// written is a query in short: its words, "+" for phrases that must stand, "-"
// for those that must not, "*" behind beginnings.
func written(q Query) string {
	var parts []string
	for _, s := range q.Slots {
		text := s.Terms[0].Text
		if s.Begins {
			text += "*"
		}
		parts = append(parts, text)
	}
	for _, p := range q.Required {
		parts = append(parts, fmt.Sprintf("+%s%v", strings.Join(p.Terms, "_"), p.At))
	}
	for _, p := range q.Excluded {
		parts = append(parts, fmt.Sprintf("-%s%v", strings.Join(p.Terms, "_"), p.At))
	}
	return strings.Join(parts, " ")
}

func TestSyntax(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"green door", "green door"},
		{`"green door"`, "green door +green_door[0 1]"},
		{"a “green door”, «blue gate» and „red wall“", "green door blue gate red wall +green_door[0 1] +blue_gate[0 1] +red_wall[0 1]"},
		{`("green door")`, "green door +green_door[0 1]"},
		{`state "queen of the hill" now`, "state queen hill now +queen_hill[0 3]"},
		{`gate "to be or not"`, "gate +to_be_or_not[]"},
		{`"to be or not"`, "to be or not +to_be_or_not[]"},
		{`open "green door`, "open green door"},
		{`green door" gate`, "green door gate"},
		{`"" gate`, "gate"},
		{`a 5" pipe and a 3" one`, "5 pipe 3 one"},
		{"door -green", "door -green[0]"},
		{`door -"green gate"`, "door -green_gate[0 1]"},
		{"door -“green gate”", "door -green_gate[0 1]"},
		{"-green", "green"},
		{`-"green gate"`, "green gate"},
		{"-green -door", "green door"},
		{"the -green", "the -green[0]"},
		{"move it by -5", "move 5"},
		{"green - door", "green door"},
		{"green--door a-b", "green door b ab"},
		{"run --verbose", "run verbos"},
		{"doo*", "doo*"},
		{"gre* door", "gre* door"},
		{"**green** *door* gate * wall", "green door gate wall"},
		{"2*3", "2 3"},
		{"door -gre*", "door -gre[0]"},
		{"one line\n\"green door\" -gate wal*", "one line green door gate wal"},
		{strings.Repeat("x ", 600) + `"green door" -gate`, "x green door gate"},
	} {
		q := ParseQuery(c.text, time.Time{})
		if got := written(q); got != c.want {
			t.Errorf("%.60q: %s, want %s", c.text, got, c.want)
		}
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		text string
		want language
	}{
		{"what did Zoë say", english}, {"the naïve café", english}, {"remote control", unclear}, {"wo ist der Drucker", unclear},
		{"où est l'imprimante", foreign}, {"где принтер", foreign}, {"", unclear}, {"プリンター", foreign},
	} {
		if got := languageOf(c.text); got != c.want {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
	}
}

// Of a long text the rarest words count, wherever they stand, and what is
// repeated line by line counts less.
func TestLongQueries(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "at step%d frame %d\n", i, i*7)
	}
	q := ParseQuery(b.String()+"flange ruptured", time.Time{})
	weights := map[string]float64{}
	for _, s := range q.Slots {
		weights[s.Terms[0].Text] = s.Terms[0].Weight
	}
	if len(q.Slots) != MaxSlots || weights["flang"] != 1 || weights["ruptur"] != 1 || weights["frame"] == 0 || weights["frame"] > 0.01 {
		t.Errorf("%d slots, flange %v, ruptured %v, frame %v", len(q.Slots), weights["flang"], weights["ruptur"], weights["frame"])
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, text := range []string{`a "green door" -gate wal* -"b c"`, "«x» „y“ -", "-\"", "**a*", "\xff\"\xfe* -\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q := ParseQuery(text, time.Time{})
		if len(q.Slots) == 0 && len(q.Required)+len(q.Excluded) > 0 {
			t.Errorf("%q has phrases and no words", text)
		}
		for _, p := range append(q.Required, q.Excluded...) {
			if p.At != nil && len(p.At) != len(p.Terms) {
				t.Errorf("%q: %d places of %d terms", text, len(p.At), len(p.Terms))
			}
		}
	})
}
