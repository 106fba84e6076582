package timestamp_test

import (
	"testing"
	"time"

	"griot/internal/timestamp"
)

func TestRead(t *testing.T) {
	const none = ""
	for _, c := range []struct{ in, parse, from, to string }{
		{"2026-05-18T14:00:00Z", "2026-05-18T14:00:00Z", "2026-05-18T14:00:00Z", "2026-05-18T14:00:00Z"},
		{"2026-05-18t14:00:00z", "2026-05-18T14:00:00Z", "2026-05-18T14:00:00Z", "2026-05-18T14:00:00Z"},
		{"2026-10-25T02:30:00.1239+02:00", "2026-10-25T00:30:00.123Z", "2026-10-25T00:30:00.123Z", "2026-10-25T00:30:00.123Z"},
		{"2026-05-18", none, "2026-05-18T00:00:00Z", "2026-05-18T23:59:59.999Z"},
		{"2024-02-29", none, "2024-02-29T00:00:00Z", "2024-02-29T23:59:59.999Z"},
		{"9999-12-31", none, "9999-12-31T00:00:00Z", "9999-12-31T23:59:59.999Z"},
		{"2026-05-18T14:00:00", none, none, none},
		{"2026-02-30", none, none, none},
		{"0001-01-01T00:00:00Z", none, none, none},
		{"9999-12-31T23:59:59-01:00", none, none, none},
		{"0000-12-31T00:00:00Z", none, none, none},
		{"yesterday", none, none, none},
		{"", none, none, none},
	} {
		for name, read := range map[string]struct {
			fn   func(string) (time.Time, error)
			want string
		}{"Parse": {timestamp.Parse, c.parse}, "From": {timestamp.From, c.from}, "To": {timestamp.To, c.to}} {
			got, err := read.fn(c.in)
			switch {
			case read.want == none && err == nil:
				t.Errorf("%s(%q) is %v, want an error", name, c.in, got)
			case read.want != none && (err != nil || got.Format(time.RFC3339Nano) != read.want):
				t.Errorf("%s(%q) is %v, %v, want %s", name, c.in, got, err, read.want)
			}
		}
	}
}
