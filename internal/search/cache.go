package search

import (
	"container/list"
	"slices"
	"sync"
)

// Cache keeps parts of segments and the tails' rows in memory, bounded in
// bytes: the least recently used go first. What it holds is immutable, so
// nothing in it is ever out of date; what a workspace's manifest and tail do
// not name any more is dropped by the query that sees it (see [Cache.keep]),
// since nobody asks for it again and it would only drive out what is alive.
// It is safe for concurrent use; a nil Cache keeps nothing.
type Cache struct {
	mu     sync.Mutex
	limit  int64
	size   int64
	items  map[piece]*list.Element
	order  *list.List                                    // most recently used first
	things map[string]map[string]map[piece]*list.Element // by workspace and thing
}

// piece names what is cached: a part of a thing (a segment's object, the
// tail, a layout) that a workspace has.
type piece struct{ workspace, thing, name string }

type cached struct {
	piece
	value any
	size  int64
}

// entryOverhead is about what the cache itself needs for an entry.
const entryOverhead = 300

// NewCache returns a cache of at most limit bytes.
func NewCache(limit int64) *Cache {
	return &Cache{
		limit: limit, items: map[piece]*list.Element{}, order: list.New(),
		things: map[string]map[string]map[piece]*list.Element{},
	}
}

func (c *Cache) get(p piece) (any, bool) {
	if c == nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, found := c.items[p]
	if !found {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).value, true
}

// put keeps a value of size bytes; one that is a large part of the limit
// would drive out all others and is not kept.
func (c *Cache) put(p piece, value any, size int64) {
	if c == nil {
		return
	}
	size += int64(len(p.thing)+len(p.name)) + entryOverhead
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, found := c.items[p]; found {
		c.remove(e)
	}
	if size > c.limit/2 {
		return
	}
	e := c.order.PushFront(&cached{p, value, size})
	c.items[p] = e
	of := c.things[p.workspace]
	if of == nil {
		of = map[string]map[piece]*list.Element{}
		c.things[p.workspace] = of
	}
	if of[p.thing] == nil {
		of[p.thing] = map[piece]*list.Element{}
	}
	of[p.thing][p] = e
	for c.size += size; c.size > c.limit; {
		c.remove(c.order.Back())
	}
}

// keep drops all that a workspace has here of things that are not named.
func (c *Cache) keep(workspace string, named ...string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for thing, pieces := range c.things[workspace] {
		if !slices.Contains(named, thing) {
			for _, e := range pieces {
				c.remove(e)
			}
		}
	}
}

func (c *Cache) remove(e *list.Element) {
	item := c.order.Remove(e).(*cached)
	delete(c.items, item.piece)
	c.size -= item.size
	of := c.things[item.workspace]
	delete(of[item.thing], item.piece)
	if len(of[item.thing]) == 0 {
		delete(of, item.thing)
	}
	if len(of) == 0 {
		delete(c.things, item.workspace)
	}
}
