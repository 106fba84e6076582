package clock

import (
	"testing"
	"unicode/utf8"
)

func TestStamps(t *testing.T) {
	const day, hour, minute = 24 * 3600e3, 3600e3, 60e3
	for s, want := range map[string]struct {
		start, end int64 // of the front; the end -1 without one
		n          int
	}{
		"4:19 x":                     {259e3, -1, 4},
		"[4:19] x":                   {259e3, -1, 6},
		`\[4:19\] x`:                 {259e3, -1, 8},
		"（00:00:03）":                 {3e3, -1, len("（00:00:03）")},
		"00:00:03:15 - 00:00:08:00":  {3500, 8e3, 25},
		"[00:01.5 --> 00:02,25]":     {1500, 2250, 22},
		"#00:00:03-5#":               {3500, -1, 12},
		"10:32 AM x":                 {10*hour + 32*minute, -1, 8},
		"12:05 a.m.":                 {5 * minute, -1, 10},
		"13:05 AM":                   {13*minute + 5e3, -1, 5},
		"[0h 1m 2s] x":               {62e3, -1, 10},
		"(12 s)":                     {12e3, -1, 6},
		"1m02.5s x":                  {62500, -1, 7},
		"[0.00 -> 6.12]":             {0, 6120, 14},
		"[00.01.02]":                 {62e3, -1, 10},
		"{00:01}":                    {1e3, -1, 7},
		"5m later":                   {0, 0, 0},
		"[12]":                       {0, 0, 0},
		"[1.5]":                      {0, 0, 0},
		"[4 horses]":                 {0, 0, 0},
		"[on Monday, May 4 at 9:00]": {0, 0, 0},
		"00.01.02":                   {0, 0, 0},
		"4:1":                        {0, 0, 0},
		"12:30am5":                   {0, 0, 0},
		"4:19x":                      {0, 0, 0},
		"[4:19":                      {0, 0, 0},
		"(see 4:19)":                 {0, 0, 0},
		"":                           {0, 0, 0},
	} {
		got, n := Front(s)
		if n != want.n || n > 0 && (got.Start != want.start || got.End != want.end) {
			t.Errorf("%q: %+v, %d, want %+v", s, got, n, want)
		}
	}
	dated := map[string]int64{ // milliseconds from 4 May 2026
		"[04.05.26, 14:02:03]": 14*hour + 2*minute + 3e3, "2026-05-05T00:00:01Z": day + 1e3, "5/4/26, 2:02 PM": 14*hour + 2*minute,
		"[May 4, 2026, 2:02 PM]": 14*hour + 2*minute, "4. Mai 2026 14:02": 14*hour + 2*minute, "04-May-26 02:02 PM": 14*hour + 2*minute,
		"[Tuesday, 5th May 2026 at 0:01]": day + minute, "4 de mayo de 2026, 0:01": minute, "2026-05-04T00:01:00+02:00": minute,
		"05/05/2026, 14:02": day + 14*hour + 2*minute, "2026-05-04 09:30:00": 9*hour + 30*minute,
	}
	base, _ := Front("2026-05-04 00:00:00")
	for s, want := range dated {
		if got, n := Front(s); n != len(s) || !got.Dated || got.Start-base.Start != want {
			t.Errorf("%q: %+v, %d", s, got, n)
		}
	}
	for s, want := range map[string]string{
		"Ana 0:03": "Ana ", "Ana (0:03)": "Ana ", "Ana  10:32 AM": "Ana  ", "Ana 5/4/2026 10:32 AM": "Ana ", "Ana [0:03 - 0:09]": "Ana ",
		"Ana 0:03 - 0:09": "Ana ", "Ana": "Ana", "Ana (she)": "Ana (she)", "Ana 0:03x": "Ana 0:03x", "Ana — Today at 2:02 PM": "Ana — ", "Ana Monday, May 4, 2026 2:02 PM": "Ana ", "Ana 1m 2s": "Ana ", "0:03": "",
	} {
		if _, i := Back(s); s[:i] != want {
			t.Errorf("%q ends before %q, want %q", s, s[:i], want)
		}
	}
}

func FuzzStamps(f *testing.F) {
	for _, s := range []string{"[00:01 --> 00:02] x", "Ana 5/4/26, 2:02 PM", "#00:00:03-5#", `\[4:19\]`, "（1:02）", "x 00:00:03:20 - 00:00:08:11",
		"[1h 2m 3.5s -> 2 h]", "x Monday, 4th de mayo de 2026 at 2:02 AM", "{0.00 - 1.5}", "[00.01.02]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		st, n := Front(s)
		at, i := Back(s)
		if n < 0 || n > len(s) || i < 0 || i > len(s) || st.Start < 0 || at.Start < 0 {
			t.Fatalf("%q: %+v, %d; %+v, %d", s, st, n, at, i)
		}
		if utf8.ValidString(s) && (!utf8.ValidString(s[n:]) || !utf8.ValidString(s[:i])) {
			t.Fatalf("%q is cut inside a character at %d or %d", s, n, i)
		}
	})
}
