package clock

import "testing"

func TestRead(t *testing.T) {
	for s, want := range map[string][2]int64{ // milliseconds, bytes
		"4:19": {259_000, 4}, "04:19 x": {259_000, 5}, "75:00": {4_500_000, 5}, "1:04:19": {3_859_000, 7},
		"00:00:04.120": {4120, 12}, "00:00:04,5": {4500, 10}, "0:1.25": {1250, 6}, "0:0:3.1504": {3150, 10},
		"99999:59:59": {359_999_999_000, 11}, "4:19: x": {259_000, 4}, "4:19.": {259_000, 4},
		"": {}, "4": {}, "4:": {}, ":4": {}, "4:60": {}, "1:60:00": {}, "4:190": {}, "00:00:04:05": {}, "123456:00": {}, "x4:19": {},
	} {
		if ms, n := Read(s); ms != want[0] || int64(n) != want[1] {
			t.Errorf("%q: %d ms in %d bytes, want %v", s, ms, n, want)
		}
	}
	for s, want := range map[string]int{"4:19": 4, "4:5": 0, "1:2:3": 0, "1:2:03": 6} {
		if _, n := Strict(s); n != want {
			t.Errorf("strictly, %q has %d bytes, want %d", s, n, want)
		}
	}
}

func TestMarks(t *testing.T) {
	for _, r := range []struct {
		s          string
		n          int
		start, end int64
		round      bool
	}{
		{"[04:19]x", 7, 259_000, -1, false},
		{`\[04:19\]`, 9, 259_000, -1, false},
		{`\[04:19]`, 8, 259_000, -1, false},
		{"[ 04:19 ]", 9, 259_000, -1, false},
		{"[00:01 --> 00:02.5]", 19, 1000, 2500, false},
		{"[00:01-00:02]", 13, 1000, 2000, false},
		{"(04:19)", 7, 259_000, -1, true},
		{"(00:01 – 00:02)", 17, 1000, 2000, true},
		{s: "[04:19"}, {s: "[04:19 pm]"}, {s: "[4:5]"}, {s: "[x 04:19]"}, {s: "[00:01 - x]"}, {s: "[]"}, {s: "["}, {s: ""}, {s: `\`},
	} {
		read := Bracketed
		if r.round {
			read = Round
		}
		m, n := read(r.s)
		end := int64(-1)
		if m.End != nil {
			end = *m.End
		}
		if n != r.n || n > 0 && (m.Start != r.start || end != r.end) {
			t.Errorf("%q: %d to %d in %d bytes", r.s, m.Start, end, n)
		}
	}
}
