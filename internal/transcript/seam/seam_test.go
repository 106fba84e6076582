package seam

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"griot/internal/transcript"
)

// turns reads lines of a start, an end, who speaks and what.
func turns(lines ...string) (all []transcript.Turn) {
	for _, l := range lines {
		var start, end int64
		var who string
		if _, err := fmt.Sscan(l, &start, &end, &who); err != nil {
			panic(err)
		}
		_, text, _ := strings.Cut(l, who+" ")
		all = append(all, transcript.Turn{Speaker: strings.Trim(who, "-"), Text: text, StartMS: &start, EndMS: &end})
	}
	return all
}

func written(turns []transcript.Turn) (lines []string) {
	for _, t := range turns {
		who := t.Speaker
		if who == "" {
			who = "-"
		}
		lines = append(lines, fmt.Sprintf("%d %d %s %s", *t.StartMS, end(t), who, t.Text))
	}
	return lines
}

func TestJoin(t *testing.T) {
	for _, r := range []struct {
		name         string
		before, part []string
		want         []string
	}{
		{"a pause at the seam",
			[]string{"50000 56000 - We order the vials.", "58000 61000 - Then they"}, []string{"58000 62000 - Then they arrive.", "63000 64000 - Good."},
			[]string{"50000 56000 - We order the vials.", "58000 62000 - Then they arrive.", "63000 64000 - Good."}},
		{"in the middle of a turn",
			[]string{"50000 62000 - The nurse on duty signs the sheet and puts it"}, []string{"58000 68000 - signs the sheet and puts it into the blue tray today."},
			[]string{"50000 68000 - The nurse on duty signs the sheet and puts it into the blue tray today."}},
		{"heard differently",
			[]string{"56000 62000 - one two tree four five"}, []string{"58400 66000 - two three, four. Five six seven"},
			[]string{"56000 66000 - one two tree four Five six seven"}},
		{"nothing in common",
			[]string{"57000 60000 - alpha beta", "60200 62000 - gamma"}, []string{"58000 59800 - delta", "60000 64000 - epsilon zeta"},
			[]string{"57000 60000 - alpha beta", "60000 64000 - epsilon zeta"}},
		{"another speaker from the seam on",
			[]string{"57000 60000 A Is it done?", "60000 62000 B Yes, on"}, []string{"58000 60000 A it done?", "60000 63000 B Yes, on Friday."},
			[]string{"57000 60000 A Is it done?", "60000 63000 B Yes, on Friday."}},
		{"the same word again and again",
			[]string{"56000 62000 - no no no no no no"}, []string{"58000 66000 - no no no no no no no no"},
			[]string{"56000 66000 - no no no no no no no no no no"}},
		{"without spaces",
			[]string{"56000 62000 - 毎月末に請求書を"}, []string{"59000 66000 - 請求書を確認します"},
			[]string{"56000 66000 - 毎月末に請求書を確認します"}},
		{"silence before", nil, []string{"61000 62000 - Hello."}, []string{"61000 62000 - Hello."}},
		{"silence behind", []string{"50000 51000 - Bye."}, nil, []string{"50000 51000 - Bye."}},
		{"nothing overlaps", []string{"50000 51000 - Bye."}, []string{"63000 64000 - Hello."}, []string{"50000 51000 - Bye.", "63000 64000 - Hello."}},
	} {
		before, part := turns(r.before...), turns(r.part...)
		got := written(Join(before, part, 60_000))
		if !slices.Equal(got, r.want) {
			t.Errorf("%s:\n%q, want\n%q", r.name, got, r.want)
		}
		if !slices.Equal(written(before), r.before) || !slices.Equal(written(part), r.part) {
			t.Errorf("%s: what was joined is changed", r.name)
		}
	}
}

func TestTurnsWithoutTimesFollow(t *testing.T) {
	a, b := []transcript.Turn{{Text: "a b"}}, []transcript.Turn{{Text: "b c"}}
	if got := Join(a, b, 60_000); len(got) != 2 || got[0].Text != "a b" || got[1].Text != "b c" {
		t.Errorf("%+v", got)
	}
}

// Whoever writes a talk down in parts, with turns and times of their own, has
// it all once, in its order.
func TestNothingIsLostOrDoubled(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	syllables := strings.Fields("ka lo mi ne tu ra se vo pi du")
	for n := range 400 {
		type said struct {
			text       string
			start, end int64
		}
		var talk []said
		for at := int64(0); at < 40_000; {
			long := 150 + random.Int64N(300)
			text := syllables[random.IntN(10)]
			for range random.IntN(3) {
				text += syllables[random.IntN(10)]
			}
			talk = append(talk, said{text, at, at + long})
			if at += long; random.IntN(8) == 0 {
				at += random.Int64N(900)
			}
		}
		hear := func(from, to int64) (turns []transcript.Turn) {
			last := int64(0)
			for _, w := range talk {
				if w.start < from || w.end > to {
					continue
				}
				jitter := random.Int64N(200) - 100
				start, stop := max(last, w.start+jitter), max(last+1, w.end+jitter)
				last = stop
				if k := len(turns) - 1; k >= 0 && random.IntN(7) > 0 && start-*turns[k].EndMS < 400 {
					turns[k].Text += " " + w.text
					turns[k].EndMS = &stop
				} else {
					turns = append(turns, transcript.Turn{Text: w.text, StartMS: &start, EndMS: &stop})
				}
			}
			return turns
		}
		whole := Join(hear(0, 14_000), hear(10_000, 26_000), 12_000)
		whole = Join(whole, hear(22_000, 99_000), 24_000)
		var got, want []string
		last := int64(0)
		for _, turn := range whole {
			got = append(got, strings.Fields(turn.Text)...)
			if *turn.StartMS < last || end(turn) < *turn.StartMS {
				t.Errorf("%d: a turn from %d to %d behind one from %d", n, *turn.StartMS, end(turn), last)
			}
			last = *turn.StartMS
		}
		for _, w := range talk {
			want = append(want, w.text)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%d:\n%q, want\n%q", n, got, want)
		}
	}
}

// Turns out of order, of no length or of monstrous times are joined somehow,
// with no more words than there were.
func TestHostileTurns(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	times := []int64{0, -1, 1, 59_999, 60_000, 61_000, 1 << 62, -1 << 62, 1<<63 - 1}
	hostile := func() (turns []transcript.Turn, n int) {
		for range random.IntN(6) {
			start, stop := times[random.IntN(len(times))], times[random.IntN(len(times))]
			turn := transcript.Turn{Text: []string{"a", "a b a", "請求", " ", "", strings.Repeat("a ", 400)}[random.IntN(6)], StartMS: &start}
			if random.IntN(2) == 0 {
				turn.EndMS = &stop
			}
			n += len(spans(turn.Text))
			turns = append(turns, turn)
		}
		return turns, n
	}
	for range 5000 {
		before, n := hostile()
		part, m := hostile()
		got := 0
		for _, turn := range Join(before, part, 60_000) {
			got += len(spans(turn.Text))
		}
		if got > n+m {
			t.Errorf("%d words of %d and %d", got, n, m)
		}
	}
}
