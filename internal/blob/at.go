package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// At reads an object here and there: each ReadAt is one GetRange. It is not
// for passing through; what it reads, it reads with the context it was opened
// with.
type At struct {
	ctx   context.Context
	store Store
	info  Info
}

// errReplaced is an object that another took the place of while it was read.
var errReplaced = errors.New("object was replaced while it was read")

// OpenAt opens an object that info describes. One that is replaced meanwhile
// fails.
func OpenAt(ctx context.Context, s Store, info Info) *At { return &At{ctx, s, info} }

// ReadAt implements io.ReaderAt.
func (a *At) ReadAt(p []byte, off int64) (int, error) {
	body, info, err := a.store.GetRange(a.ctx, a.info.Key, off, int64(len(p)))
	if err != nil {
		return 0, err
	}
	defer body.Close()
	if info.ETag != a.info.ETag {
		return 0, fmt.Errorf("reading object %s: %w", a.info.Key, errReplaced)
	}
	n, err := io.ReadFull(body, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}
