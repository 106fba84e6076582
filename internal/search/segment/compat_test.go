package segment

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"griot/internal/search/posting"
)

// former are the units of which the version before made testdata/griotsg2.
func former() (out []Source) {
	for c := range 12 {
		for m := range 1 + c%3 {
			u := &posting.Unit{Lengths: []uint32{uint32(20 + c), uint32(1 + m)}}
			for n := range 8 {
				entry := at(0, uint32(1+(c+n)%3), uint32(n), uint32(n+c))
				if entry.Weight == 1 {
					entry = at(0, 1, uint32(n*40))
				}
				if n%5 == 0 {
					entry.Positions = nil
				}
				u.Terms = append(u.Terms, posting.Term{Text: fmt.Sprintf("term%02d", n*(c%4+1)), Entries: []posting.Entry{entry, at(1, 1, uint32(m))}[:1+n%2]})
			}
			if (c+m)%7 == 0 {
				u = &posting.Unit{}
			}
			memory := fmt.Sprintf("6f1d2c3b-%04d-4a5b-8c6d-7e8f90a1b2c3", m)
			if m == 0 {
				memory = ""
			}
			out = append(out, Source{fmt.Sprintf("conv_%05d", c), memory, u})
		}
	}
	return out
}

func openFormer(t *testing.T) Input {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "griotsg2"))
	if err != nil {
		t.Fatal(err)
	}
	in, err := Open(data, 1996)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// items are what the bounds are made of, by term.
func items(t *testing.T, in Input) map[string][]Item {
	t.Helper()
	out := map[string][]Item{}
	for b := range in.Meta.Blocks() {
		data, err := in.slice(in.Meta.BlockAt(b))
		if err != nil {
			t.Fatal(err)
		}
		entries, err := in.Meta.ParseBlock(b, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			data, err := in.slice(e.Where)
			if err != nil {
				t.Fatal(err)
			}
			list, err := in.Meta.List(e, data)
			if err != nil {
				t.Fatal(err)
			}
			if err := list.Items(func(item Item, _ uint32) { out[e.Term] = append(out[e.Term], item) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

// A segment of the format before says what one of today's says, and a merge makes
// the same of both.
func TestTheFormatBeforeIsRead(t *testing.T) {
	old, now := openFormer(t), open(t, former())
	if got, want := contents(t, old), contents(t, now); !reflect.DeepEqual(got, want) || len(got) == 0 {
		t.Errorf("contents %v, want %v", got, want)
	}
	if got, want := items(t, old), items(t, now); !reflect.DeepEqual(got, want) {
		t.Errorf("items %v, want %v", got, want)
	}
	young := open(t, []Source{{"conv_00003", "", unit("term01", "young")}})
	var merged [2][]byte
	for i, older := range []Input{old, now} {
		data, _, err := Merge([]Input{older, young}, everything, true)
		if err != nil {
			t.Fatal(err)
		}
		merged[i] = data
	}
	if !bytes.Equal(merged[0], merged[1]) {
		t.Error("merges make different segments of them")
	}
}
