package index

import (
	"fmt"
	"testing"
)

func TestCacheKeepsWhatIsNamed(t *testing.T) {
	c := NewCache(10_000)
	for _, workspace := range []string{"ws_1", "ws_2"} {
		for _, object := range []string{"a", "b", "c"} {
			c.put(cacheKey{workspace, object, "x"}, object, 1)
			c.put(cacheKey{workspace, object, "y"}, object, 1)
		}
	}
	c.keepOnly("ws_1", "b", "unknown")
	if got := fmt.Sprint(c.Objects("ws_1"), c.Objects("ws_2")); got != "[b] [a b c]" {
		t.Errorf("kept %s", got)
	}
	c.Check(t)
	for i := range 1000 { // the oldest go, whosesoever they are
		c.put(cacheKey{"ws_3", "d", fmt.Sprint(i)}, i, 10)
	}
	if size := c.Check(t); size > 10_000 || len(c.Objects("ws_1")) != 0 {
		t.Errorf("%d bytes, ws_1 has %v", size, c.Objects("ws_1"))
	}
	c.put(cacheKey{"ws_3", "d", "999"}, "too large now", 9_000)
	if _, found := c.get(cacheKey{"ws_3", "d", "999"}); found {
		t.Error("a value that was replaced by one too large to keep is still there")
	}
	c.Check(t)
	c.keepOnly("ws_3")
	if size := c.Check(t); size != 0 || len(c.owned) != 0 {
		t.Errorf("%d bytes are left in %v", size, c.owned)
	}
}
