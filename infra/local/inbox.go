package main

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"griot/internal/blob"
	"griot/internal/queue"
	"griot/internal/session"
)

// A dropped file is taken once nothing has changed it for inboxStable.
const (
	inboxEvery  = 500 * time.Millisecond
	inboxStable = 2 * time.Second
)

// inbox moves files that are dropped into <data>/inbox into the object store,
// as a PUT to the bucket would, and announces them.
type inbox struct {
	dir    string
	blobs  blob.Store
	ingest queue.Queue
	seen   map[string]sighting
}

// sighting is what a file looked like, and since when.
type sighting struct {
	size     int64
	modified time.Time
	since    time.Time
}

func newInbox(dir string, blobs blob.Store, ingest queue.Queue) (*inbox, error) {
	return &inbox{dir, blobs, ingest, map[string]sighting{}}, os.MkdirAll(dir, 0o700)
}

// look takes the files that have been stable for long enough.
func (b *inbox) look(ctx context.Context) {
	there := map[string]sighting{}
	err := filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") {
			return ignoreMissing(err)
		}
		info, err := d.Info()
		if err != nil {
			return ignoreMissing(err)
		}
		s := b.sight(path, info)
		if time.Since(s.since) < inboxStable {
			there[path] = s
			return nil
		}
		if err := b.take(ctx, path, info.Size()); err != nil {
			slog.ErrorContext(ctx, "taking a file from the inbox", "error", err)
			there[path] = s
		}
		return nil
	})
	if err != nil {
		slog.ErrorContext(ctx, "looking into the inbox", "error", err)
	}
	b.seen = there
}

func ignoreMissing(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

func (b *inbox) sight(path string, info fs.FileInfo) sighting {
	s, ok := b.seen[path]
	if !ok || s.size != info.Size() || !s.modified.Equal(info.ModTime()) {
		s = sighting{info.Size(), info.ModTime(), time.Now()}
	}
	return s
}

// take stores the file and announces it before it is removed: a crash in
// between stores it again, and the session exists once.
func (b *inbox) take(ctx context.Context, path string, size int64) error {
	rel, err := filepath.Rel(b.dir, path)
	if err != nil {
		return err
	}
	key := session.InboxPrefix + filepath.ToSlash(rel)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := b.blobs.Put(ctx, key, f, size, blob.Put{}); err != nil {
		return err
	}
	if err := announce(ctx, b.ingest, key); err != nil {
		return err
	}
	return os.Remove(path)
}

// announce sends what a bucket's notification is on AWS.
func announce(ctx context.Context, ingest queue.Queue, key string) error {
	return ingest.Send(ctx, queue.Outgoing{Body: session.Job{Object: key}.Encode()})
}
