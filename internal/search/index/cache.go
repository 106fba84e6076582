package index

import (
	"container/list"
	"slices"
	"sync"
)

// Cache keeps parts of segments and the rows of tails in memory, bounded in
// bytes: the least recently used go first. What it holds is immutable and so
// never out of date. What neither the manifest nor the tail of a workspace
// names any more is dropped by the query that sees it (see [Cache.keepOnly]):
// nobody will ask for it, and it would only drive out what is alive. A Cache
// is safe for concurrent use; a nil Cache keeps nothing.
type Cache struct {
	mu      sync.Mutex
	limit   int64
	size    int64
	entries map[cacheKey]*list.Element
	recent  *list.List                                       // most recently used first
	owned   map[string]map[string]map[cacheKey]*list.Element // by workspace and object
}

// cacheKey names a part of an object of a workspace: of a segment's object, of
// the tail, or of what was derived from all segments of a manifest.
type cacheKey struct{ workspace, object, part string }

type cacheEntry struct {
	cacheKey
	value any
	size  int64
}

// entryOverhead is about what the cache itself needs for an entry.
const entryOverhead = 300

// NewCache returns a cache of at most limit bytes.
func NewCache(limit int64) *Cache {
	return &Cache{
		limit: limit, entries: map[cacheKey]*list.Element{}, recent: list.New(),
		owned: map[string]map[string]map[cacheKey]*list.Element{},
	}
}

func (c *Cache) get(key cacheKey) (any, bool) {
	if c == nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, found := c.entries[key]
	if !found {
		return nil, false
	}
	c.recent.MoveToFront(e)
	return e.Value.(*cacheEntry).value, true
}

// put keeps a value of size bytes, unless it is a large part of the limit and
// would drive out all others.
func (c *Cache) put(key cacheKey, value any, size int64) {
	if c == nil {
		return
	}
	size += int64(len(key.object)+len(key.part)) + entryOverhead
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, found := c.entries[key]; found {
		c.remove(e)
	}
	if size > c.limit/2 {
		return
	}
	e := c.recent.PushFront(&cacheEntry{key, value, size})
	c.entries[key] = e
	objects := c.owned[key.workspace]
	if objects == nil {
		objects = map[string]map[cacheKey]*list.Element{}
		c.owned[key.workspace] = objects
	}
	if objects[key.object] == nil {
		objects[key.object] = map[cacheKey]*list.Element{}
	}
	objects[key.object][key] = e
	for c.size += size; c.size > c.limit; {
		c.remove(c.recent.Back())
	}
}

// keepOnly drops all that a workspace has here of other objects than these.
func (c *Cache) keepOnly(workspace string, objects ...string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for object, parts := range c.owned[workspace] {
		if !slices.Contains(objects, object) {
			for _, e := range parts {
				c.remove(e)
			}
		}
	}
}

func (c *Cache) remove(e *list.Element) {
	entry := c.recent.Remove(e).(*cacheEntry)
	delete(c.entries, entry.cacheKey)
	c.size -= entry.size
	objects := c.owned[entry.workspace]
	delete(objects[entry.object], entry.cacheKey)
	if len(objects[entry.object]) == 0 {
		delete(objects, entry.object)
	}
	if len(objects) == 0 {
		delete(c.owned, entry.workspace)
	}
}
