package segment

import (
	"fmt"
	"slices"
	"testing"
)

// Conversations come once each, in order, with all their places.
func TestUnion(t *testing.T) {
	var metas []*Meta
	for _, ids := range [][]string{{"b", "d"}, nil, {"a", "b"}, {"b", "c", "d", "e"}} {
		var sources []Source
		for _, id := range ids {
			sources = append(sources, Source{Conversation: id, Memory: "m", Unit: unit("word")})
		}
		metas = append(metas, open(t, sources).Meta)
	}
	var got []string
	for id, places := range Union(metas) {
		got = append(got, fmt.Sprint(id, places))
	}
	want := []string{"a[{2 0}]", "b[{0 0} {2 1} {3 0}]", "c[{3 1}]", "d[{0 1} {3 2}]", "e[{3 3}]"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
