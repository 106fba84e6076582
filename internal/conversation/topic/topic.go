// Package topic counts what memories are about. A topic is its name, however
// it is written: its id is derived from the workspace and the folded name.
package topic

import "time"

// Topic is a name with the number of memories that carry it now.
type Topic struct {
	ID        string // a lower-case UUID
	Name      string // as it was first written
	Memories  int64
	CreatedAt time.Time // of its first memory
}
