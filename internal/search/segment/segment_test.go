package segment

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"griot/internal/search/posting"
)

// unit has each term once, in one passage.
func unit(terms ...string) *posting.Unit {
	u := &posting.Unit{Lengths: []uint32{uint32(len(terms))}}
	for i, term := range terms {
		u.Terms = append(u.Terms, posting.Term{Text: term, Entries: []posting.Entry{{Weight: 1, Positions: posting.AppendPosition(nil, 0, uint32(i))}}})
	}
	return u
}

func open(t *testing.T, sources []Source) Input {
	t.Helper()
	in, err := Open(Build(sources))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// contents are all terms with the units that have them, as a reader finds them.
func contents(t *testing.T, in Input) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	m := in.Meta
	for b := range m.Blocks() {
		data, err := in.slice(m.BlockAt(b))
		if err != nil {
			t.Fatal(err)
		}
		entries, err := m.ParseBlock(b, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			data, err := in.slice(e.Where)
			if err != nil {
				t.Fatal(err)
			}
			list, err := m.List(e, data)
			if err != nil {
				t.Fatal(err)
			}
			for conv := range uint32(m.Conversations()) {
				out[e.Term] = append(out[e.Term], unitsWith(t, in, list, conv)...)
			}
		}
	}
	return out
}

// unitsWith names the units of a conversation that have the term.
func unitsWith(t *testing.T, in Input, list *List, conv uint32) (names []string) {
	t.Helper()
	m := in.Meta
	data, err := in.slice(m.Memories(conv))
	if err != nil {
		t.Fatal(err)
	}
	memories, err := m.ParseMemories(conv, data)
	if err != nil {
		t.Fatal(err)
	}
	base, _ := m.Span(conv)
	for _, e := range entriesOf(t, list, conv) {
		first, end := m.UnitsOf(conv)
		for u := first; u < end; u++ {
			if from, to := m.PassagesOf(u); base+e.Passage >= from && base+e.Passage < to {
				names = append(names, m.ID(conv)+"/"+memories[u-first])
			}
		}
	}
	return names
}

// entriesOf finds a conversation's entries in both ways in which a list is read.
func entriesOf(t *testing.T, list *List, conv uint32) (entries []posting.Entry) {
	t.Helper()
	var convs, begin []uint32
	err := list.Items(func(item Item, at uint32) {
		convs, begin = append(convs, item.Conversation), append(begin, at)
	})
	if err != nil {
		t.Fatal(err)
	}
	begin = append(begin, list.End())
	if i := slices.Index(convs, conv); i >= 0 {
		if entries, err = list.Entries(nil, conv, begin[i], begin[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	var walked []posting.Entry
	err = list.Each(func(at uint32, all []posting.Entry) {
		if at == conv {
			walked = slices.Clone(all)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(entries, walked) {
		t.Errorf("conversation %d: %v, and walking %v", conv, entries, walked)
	}
	return entries
}

func everything(string, string) bool { return true }

func TestBuildIsReadBack(t *testing.T) {
	var sources []Source
	want := map[string][]string{}
	for c := range 200 { // several blocks
		for _, memory := range []string{"", "a", "b"} {
			id := fmt.Sprintf("conv_%03d", c)
			word := fmt.Sprintf("word%03d", c%70)
			sources = append(sources, Source{id, memory, unit("all", word)})
			want["all"] = append(want["all"], id+"/"+memory)
			want[word] = append(want[word], id+"/"+memory)
		}
	}
	if got := contents(t, open(t, sources)); !reflect.DeepEqual(got, want) {
		t.Errorf("read %d terms, want %d; all: %d and %d", len(got), len(want), len(got["all"]), len(want["all"]))
	}
}

func TestMerge(t *testing.T) {
	old := open(t, []Source{{"conv_1", "a", unit("apple")}, {"conv_1", "b", unit("banana")}, {"conv_2", "c", unit("cherry")}})
	young := open(t, []Source{{"conv_1", "a", unit("avocado")}, {"conv_2", "c", &posting.Unit{}}, {"conv_3", "d", unit("apple", "date")}})
	tests := map[string]struct {
		keep       Keep
		tombstones bool
		want       map[string][]string
		units      int
	}{
		"newer units replace, empty ones remove": {everything, false, map[string][]string{
			"apple": {"conv_3/d"}, "avocado": {"conv_1/a"}, "banana": {"conv_1/b"}, "date": {"conv_3/d"},
		}, 3},
		"what hides stays while there may be older ones": {everything, true, map[string][]string{
			"apple": {"conv_3/d"}, "avocado": {"conv_1/a"}, "banana": {"conv_1/b"}, "date": {"conv_3/d"},
		}, 4},
		"what is not kept leaves no word": {func(c, m string) bool { return c != "conv_3" && m != "a" }, false, map[string][]string{
			"banana": {"conv_1/b"},
		}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			data, meta, err := Merge([]Input{old, young}, test.keep, test.tombstones)
			if err != nil {
				t.Fatal(err)
			}
			in, err := Open(data, meta)
			if err != nil {
				t.Fatal(err)
			}
			if got := contents(t, in); !reflect.DeepEqual(got, test.want) || in.Meta.Units() != test.units {
				t.Errorf("%d units: %v", in.Meta.Units(), got)
			}
		})
	}
	if data, _, err := Merge([]Input{old}, func(string, string) bool { return false }, false); data != nil || err != nil {
		t.Errorf("nothing kept is a segment of %d bytes, %v", len(data), err)
	}
}

func TestNoMemory(t *testing.T) {
	if got := Hash(""); got != NoMemory {
		t.Errorf("the hash of no memory is %d", got)
	}
}
