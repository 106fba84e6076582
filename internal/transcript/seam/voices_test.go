package seam

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"griot/internal/transcript"
)

func TestVoices(t *testing.T) {
	before := []string{"0 40000 A where is it", "40000 70000 B in the shed", "70000 90000 A and the key"}
	for _, r := range []struct {
		name      string
		before    []string
		part      []string
		expected  int
		want      []string // who speaks
		strangers int
	}{
		{"the other way round", before,
			[]string{"60000 70100 A in the shed", "70200 90000 B and the key", "90000 95000 A on the hook"}, 0,
			[]string{"B", "A", "B"}, 0},
		{"a third comes in", append(before[:2:2], "70000 90000 C here I am"),
			[]string{"60000 70000 A in the shed", "70000 90000 B here I am"}, 0, []string{"B", "C"}, 0},
		{"one is silent where they overlap", before,
			[]string{"75000 90000 A and the key", "91000 95000 B on the hook"}, 0, []string{"A", "C"}, 1},
		{"one is silent, and two are expected", before,
			[]string{"75000 90000 B and the key", "91000 95000 A on the hook"}, 2, []string{"A", "B"}, 0},
		{"one is silent, and three are expected", before,
			[]string{"75000 90000 B and the key", "91000 95000 A on the hook"}, 3, []string{"A", "C"}, 1},
		{"all known are heard, and another one", before[2:],
			[]string{"75000 90000 A and the key", "91000 95000 B on the hook"}, 0, []string{"A", "B"}, 0},
		{"a word is not enough", before,
			[]string{"89200 90000 A key", "91000 95000 B on the hook"}, 0, []string{"C", "D"}, 2},
		{"they are one voice here and two there", before,
			[]string{"60000 89000 A in the shed and the key"}, 0, []string{"A"}, 0},
		{"numbers", []string{"0 50000 spk_1 where", "50000 60000 spk_2 there"},
			[]string{"55000 60000 spk_1 there", "61000 70000 spk_2 good", "71000 80000 spk_3 yes"}, 0, []string{"spk_2", "spk_3", "spk_4"}, 2},
		{"names", []string{"0 50000 Ann where"}, []string{"60000 70000 Ann good"}, 0, []string{"Ann 2"}, 1},
		{"nobody is told", []string{"0 60000 - where"}, []string{"55000 70000 - where is it"}, 0, []string{""}, 0},
		{"nobody before", nil, []string{"55000 70000 A where is it"}, 0, []string{"A"}, 0},
	} {
		all, part := turns(r.before...), turns(r.part...)
		named, strangers := Voices(all, part, r.expected)
		var who []string
		for _, turn := range named {
			who = append(who, turn.Speaker)
		}
		if !slices.Equal(who, r.want) || strangers != r.strangers {
			t.Errorf("%s: %q and %d strangers, want %q and %d", r.name, who, strangers, r.want, r.strangers)
		}
		if !slices.Equal(written(all), r.before) || !slices.Equal(written(part), r.part) {
			t.Errorf("%s: what was given is changed", r.name)
		}
	}
}

// Whoever hears three people in parts, and calls them as it likes in each, hears
// the same three all along.
func TestVoicesStayThroughParts(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for n := range 200 {
		type said struct {
			who        int
			start, end int64
		}
		var talk []said
		who := 0
		for at := int64(0); at < 600_000; {
			long := 2_000 + random.Int64N(2_500)
			talk = append(talk, said{who, at, at + long})
			at, who = at+long+random.Int64N(400), (who+1+random.IntN(2))%3
		}
		hear := func(from, to int64) (heard []transcript.Turn) {
			labels := random.Perm(3)
			for i, s := range talk {
				start, stop := max(s.start+random.Int64N(300)-150, from), min(s.end+random.Int64N(300)-150, to)
				if stop > start {
					heard = append(heard, transcript.Turn{Speaker: string(rune('A' + labels[s.who])), Text: fmt.Sprint(i), StartMS: &start, EndMS: &stop})
				}
			}
			return heard
		}
		whole := hear(0, 115_000)
		for from := int64(85_000); from < 600_000; from += 100_000 {
			named, strangers := Voices(whole, hear(from, from+130_000), 0)
			if strangers > 0 {
				continue // somebody said nothing for half a minute
			}
			whole = Join(whole, named, from+15_000)
		}
		names := map[string]string{}
		for _, turn := range whole {
			var i int
			if _, err := fmt.Sscan(turn.Text, &i); err != nil {
				t.Fatal(err)
			}
			truth := fmt.Sprint(talk[i].who)
			if known, ok := names[turn.Speaker]; ok && known != truth {
				t.Errorf("%d: %s is %s at first, and later %s", n, turn.Speaker, known, truth)
			}
			names[turn.Speaker] = truth
		}
	}
}

// Labels are looked for in linear time: an engine may call everybody anew in each
// part, and in each turn.
func TestVoicesOfMany(t *testing.T) {
	turns := make([]transcript.Turn, 100_000)
	for i := range turns {
		turns[i].Speaker = fmt.Sprint("voice ", i)
	}
	named, strangers := Voices(turns, turns, 0)
	if got := speakers(named); len(got) != len(turns) || got[0] != "voice 100000" || got[99_999] != "voice 199999" || strangers != len(turns) {
		t.Errorf("%d of %d, from %q on: %d strangers", len(got), len(turns), got[0], strangers)
	}
}
