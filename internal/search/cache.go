package search

import (
	"container/list"
	"sync"
)

// Cache keeps parts of segments in memory, bounded in bytes: the least
// recently used go first. Segments and tail rows are immutable, so nothing in
// it is ever out of date. It is safe for concurrent use.
type Cache struct {
	mu    sync.Mutex
	limit int64
	size  int64
	items map[string]*list.Element
	order *list.List // most recently used first
}

type cached struct {
	key   string
	value any
	size  int64
}

// entryOverhead is about what the cache itself needs for an entry.
const entryOverhead = 200

// NewCache returns a cache of at most limit bytes.
func NewCache(limit int64) *Cache {
	return &Cache{limit: limit, items: map[string]*list.Element{}, order: list.New()}
}

func (c *Cache) get(key string) (any, bool) {
	if c == nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, found := c.items[key]
	if !found {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).value, true
}

// put keeps a value of size bytes; one that is a large part of the limit
// would drive out all others and is not kept.
func (c *Cache) put(key string, value any, size int64) {
	size += int64(len(key)) + entryOverhead
	if c == nil || size > c.limit/2 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, found := c.items[key]; found {
		c.remove(e)
	}
	c.items[key] = c.order.PushFront(&cached{key, value, size})
	for c.size += size; c.size > c.limit; {
		c.remove(c.order.Back())
	}
}

func (c *Cache) remove(e *list.Element) {
	item := c.order.Remove(e).(*cached)
	delete(c.items, item.key)
	c.size -= item.size
}
