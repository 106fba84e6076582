// Package blob is the port to griot's object store: uploads, inbox drops and
// finished documents. The suite that every driver passes is in blobtest.
package blob

import (
	"context"
	"errors"
	"io"
	"time"
)

var (
	// ErrNotFound is an object that does not exist.
	ErrNotFound = errors.New("blob: object not found")
	// ErrExists is a Put with IfAbsent on a key that is taken.
	ErrExists = errors.New("blob: object exists")
	// ErrKey is a key that no object can have; see [CheckKey].
	ErrKey = errors.New("blob: invalid key")
)

// Limits of the port.
const (
	MaxKey   = 1024               // bytes
	MaxList  = 1000               // objects of one List
	MaxValid = 7 * 24 * time.Hour // of a signed URL
)

// Info describes an object. ETag changes when the content does.
type Info struct {
	Key      string
	Size     int64
	ETag     string
	Modified time.Time
}

// Put says how an object is written.
type Put struct {
	ContentType string
	// IfAbsent makes a taken key an ErrExists instead of replacing it.
	IfAbsent bool
}

// PutRequest is a signed request by which a client without credentials
// writes one object of exactly Size bytes, once, before Expires. The client
// sends Method to URL with exactly Headers (Content-Length is not among
// them: HTTP clients set it themselves). If-None-Match: * is, so that a
// second PUT answers 412.
type PutRequest struct {
	URL     string
	Method  string
	Headers map[string]string
	Expires time.Time
}

// SignPut says what PresignPut signs.
type SignPut struct {
	Size        int64
	ContentType string        // printable ASCII; "" leaves it to the client
	Valid       time.Duration // at most MaxValid; a part of a second counts as one
}

// SignGet says what PresignGet signs.
type SignGet struct {
	ContentType string        // of the answer; printable ASCII, not empty
	Valid       time.Duration // at most MaxValid; a part of a second counts as one
}

// GetRequest is a signed URL of one object.
type GetRequest struct {
	URL     string
	Expires time.Time
}

// Store is the port. Keys are non-empty, at most 1,024 bytes of UTF-8,
// separated by "/", without empty, "." or ".." elements; anything else is
// ErrKey. Keys that differ in case only are different. Writes are atomic: a reader sees the old object, the
// new one or none, never a part; they are durable when they return nil, and
// reads after that see them. Safe for concurrent use.
type Store interface {
	// Put streams r, which has exactly size bytes (-1: unknown), into key. A
	// reader that fails or ends early leaves the key as it was.
	Put(ctx context.Context, key string, r io.Reader, size int64, p Put) (Info, error)
	// Get opens an object; the caller closes it.
	Get(ctx context.Context, key string) (io.ReadCloser, Info, error)
	// GetRange opens length bytes (-1: to the end) of an object from offset,
	// or as many of them as there are.
	GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, Info, error)
	// Stat describes an object.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes an object; removing none is no error.
	Delete(ctx context.Context, key string) error
	// List returns up to MaxList objects whose key begins with prefix, in key
	// order, behind the key after ("" from the start); more says whether
	// others follow.
	List(ctx context.Context, prefix, after string) (objects []Info, more bool, err error)
	// PresignPut signs an upload to key.
	PresignPut(ctx context.Context, key string, s SignPut) (PutRequest, error)
	// PresignGet signs a URL by which a client without credentials reads an
	// object, whole or in ranges.
	PresignGet(ctx context.Context, key string, g SignGet) (GetRequest, error)
	// KeyOf returns the key that a URL made by PresignPut points to, whatever
	// its query says, and whether the URL is one of this store at all.
	KeyOf(rawURL string) (key string, ok bool)
}
