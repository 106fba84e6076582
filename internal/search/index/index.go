package index

import (
	"context"
	"errors"
	"time"

	"griot/internal/blob"
	"griot/internal/queue"
	"griot/internal/table"
)

// Index is the search index of all workspaces.
type Index struct {
	Table  table.Store
	Blobs  blob.Store
	Merges queue.Queue   // of queue.Merge
	Cache  *Cache        // shared by all indexes of a process; nil: none
	Pause  time.Duration // between a few rows and the next that leave the tail; 0: none
}

// tries is how often something is begun anew because others were faster.
const tries = 8

// errRaced is a manifest that is not what it was any more.
var errRaced = errors.New("search: the manifest has changed")

// again calls fn until no other merge or purge got in its way: by changing the
// manifest, or by deleting an object that the new manifest does not name.
func again(ctx context.Context, fn func() error) error {
	for try := 0; ; try++ {
		err := fn()
		if try == tries || !errors.Is(err, errRaced) && !errors.Is(err, blob.ErrNotFound) {
			return err
		}
		if err := table.Pause(ctx, try); err != nil {
			return err
		}
	}
}

// untilDone repeats a step, each again and again, until no more is to be done.
func untilDone(ctx context.Context, step func() (more bool, err error)) error {
	for more := true; more; {
		err := again(ctx, func() (err error) {
			more, err = step()
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
