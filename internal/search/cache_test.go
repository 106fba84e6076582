package search

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// names lists what a cache has of a workspace.
func (c *Cache) names(workspace string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for thing := range c.things[workspace] {
		out = append(out, thing)
	}
	slices.Sort(out)
	return out
}

// check asserts that the cache's own books agree, and returns what it counts.
func (c *Cache) check(t *testing.T) int64 {
	t.Helper()
	var size int64
	listed := 0
	for _, things := range c.things {
		for _, pieces := range things {
			for p, e := range pieces {
				if c.items[p] != e || e.Value.(*cached).piece != p {
					t.Errorf("%v is not what is listed", p)
				}
				size += e.Value.(*cached).size
				listed++
			}
		}
	}
	if size != c.size || listed != len(c.items) || listed != c.order.Len() {
		t.Errorf("%d bytes of %d, %d entries of %d and %d", size, c.size, listed, len(c.items), c.order.Len())
	}
	return size
}

func TestCacheKeeps(t *testing.T) {
	c := NewCache(10_000)
	for _, workspace := range []string{"ws_1", "ws_2"} {
		for _, thing := range []string{"a", "b", "c"} {
			c.put(piece{workspace, thing, "x"}, thing, 1)
			c.put(piece{workspace, thing, "y"}, thing, 1)
		}
	}
	c.keep("ws_1", "b", "unknown")
	if got := fmt.Sprint(c.names("ws_1"), c.names("ws_2")); got != "[b] [a b c]" {
		t.Errorf("kept %s", got)
	}
	c.check(t)
	for i := range 1000 { // the oldest go, whosesoever they are
		c.put(piece{"ws_3", "d", fmt.Sprint(i)}, i, 10)
	}
	if size := c.check(t); size > 10_000 || len(c.names("ws_1")) != 0 {
		t.Errorf("%d bytes, ws_1 has %v", size, c.names("ws_1"))
	}
	c.put(piece{"ws_3", "d", "999"}, "too large now", 9_000)
	if _, found := c.get(piece{"ws_3", "d", "999"}); found {
		t.Error("a value that was replaced by one too large to keep is still there")
	}
	c.check(t)
	c.keep("ws_3")
	if size := c.check(t); size != 0 || len(c.things) != 0 {
		t.Errorf("%d bytes are left in %v", size, c.things)
	}
}

// What was merged, merged again or purged leaves the cache with the next
// query, and what is alive stays.
func TestCacheHasOnlyWhatIsAlive(t *testing.T) {
	w := newWorld(t)
	for round := range 5 {
		for i := range 30 {
			n := round*30 + i
			w.put(Doc{Conversation: fmt.Sprintf("conv_%03d", n), Memory: fmt.Sprintf("m%d", n), Text: fmt.Sprintf("word number%d harbour", n)})
			w.find("harbour")
		}
		w.seal()
		w.find("harbour")
	}
	w.put(Doc{Conversation: "conv_000", Memory: "again", Text: "harbour"})
	w.find("harbour")
	m, err := w.readManifest(t.Context(), workspace)
	w.ok(err)
	want := m.things()
	slices.Sort(want)
	if got := w.Cache.names(workspace); !slices.Equal(got, want) {
		t.Errorf("the cache has\n%s\nalive are\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	rows, found := w.Cache.get(piece{workspace, tailThing, ""})
	if !found || len(rows.([]row)) != 1 {
		t.Errorf("the cache has %v of a tail of one row", rows)
	}
	w.Cache.check(t)
}
