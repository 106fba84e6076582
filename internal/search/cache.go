package search

// Cache keeps parts of segments in memory, bounded in bytes. Segments are
// immutable, so nothing in it is ever out of date.
type Cache struct{ limit int64 }

// NewCache returns a cache of at most limit bytes.
func NewCache(limit int64) *Cache { return &Cache{limit: limit} }
