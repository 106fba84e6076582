package board

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"griot/internal/conversation/tally"
	"griot/internal/id"
)

// start is in whole milliseconds.
var start = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// some returns the entries of n conversations, a second apart, with what chance gives.
func some(n int, rnd *rand.Rand) []Entry {
	entries := make([]Entry, n)
	for i := range entries {
		made := start.Add(time.Duration(i) * time.Second)
		t := tally.Tally{Activity: made.Add(time.Duration(rnd.IntN(100)) * time.Second), Memories: int64(rnd.IntN(4))}
		if t.Memories > 0 {
			t.Events = tally.EventsOf(start.Add(-time.Duration(rnd.IntN(1e6))*time.Hour), t.Activity)
		}
		entries[i] = NewEntry(id.At(id.Conversation, made), t)
	}
	return entries
}

// Whatever is late and whatever is asked for, a board selects what sorting all
// entries does, by offset as by cursor.
func TestSelectAgainstSorting(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		all := some(1+rnd.IntN(30), rnd)
		base := slices.Clone(all[:rnd.IntN(len(all)+1)])
		b := New(base, start, start)
		for i := range all {
			switch old := i < len(base); {
			case rnd.IntN(4) == 0:
				b = b.With([]Entry{Gone(all[i].Conversation())})
				all[i].Removed = true
			case !old || rnd.IntN(3) == 0:
				all[i].Memories, all[i].Activity = int64(rnd.IntN(4)), all[i].Activity+int64(rnd.IntN(1e5))
				b = b.With(all[i : i+1])
			}
		}
		s := Selection{
			Order: Order(rnd.IntN(int(orders))), Ascending: rnd.IntN(2) == 0, MinMemories: int64(rnd.IntN(3)),
			Offset: rnd.IntN(5), Limit: 1 + rnd.IntN(10),
		}
		if rnd.IntN(2) == 0 {
			s.From = all[rnd.IntN(len(all))].ID
		}
		var want []Entry
		for _, e := range all {
			if s.wants(e) {
				want = append(want, e)
			}
		}
		slices.SortFunc(want, func(x, y Entry) int { return s.compare(s.Order.Place(x), s.Order.Place(y)) })
		total := len(want)
		found, n := b.Select(s)
		if page := want[min(s.Offset, total):min(s.Offset+s.Limit, total)]; n != total || !slices.Equal(found, page) {
			t.Fatalf("%+v: %d of %d, want %d of %d", s, len(found), n, len(page), total)
		}
		if total == 0 {
			continue
		}
		i := rnd.IntN(total)
		at := s.Order.Place(want[i])
		s.Offset, s.After = 0, &at
		if found, _ = b.Select(s); !slices.Equal(found, want[i+1:min(i+1+s.Limit, total)]) {
			t.Fatalf("%+v: %d behind a cursor", s, len(found))
		}
	}
}

func TestEncoding(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	b := &base{generation: 1 << 60, through: start.UnixMilli(), made: -1, entries: some(50, rnd)}
	b.entries[3] = Gone(b.entries[3].Conversation())
	b.entries[3].First, b.entries[3].Last = none, none
	got := decode(b.encode())
	if got == nil || !reflect.DeepEqual(got.entries, b.entries) || got.generation != b.generation || got.through != b.through || got.made != b.made {
		t.Errorf("%+v is read as %+v", b, got)
	}
}

func FuzzDecode(f *testing.F) {
	rnd := rand.New(rand.NewPCG(11, 12))
	f.Add([]byte{})
	f.Add((&base{generation: 1, entries: some(3, rnd)}).encode())
	f.Add([]byte(magic + "\x02\x02\x02\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := decode(data)
		if b == nil {
			return
		}
		b = decode(b.encode())
		if b == nil {
			t.Error("what was read is not read again")
		}
	})
}

// BenchmarkMillion reads the base of a million conversations, and pages of it.
func BenchmarkMillion(b *testing.B) {
	rnd := rand.New(rand.NewPCG(13, 14))
	data := (&base{generation: 1, entries: some(1_000_000, rnd)}).encode()
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			decode(data)
		}
	})
	whole := &Board{base: decode(data)}
	whole.base.by(ByActivity)
	for name, s := range map[string]Selection{
		"page": {Order: ByActivity, Limit: 20}, "offset": {Order: ByActivity, Limit: 20, Offset: 10_000},
		"memories": {Order: ByActivity, Limit: 20, MinMemories: 2},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				whole.Select(s)
			}
		})
	}
}
