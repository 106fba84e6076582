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
	left   map[string]bool // files that start no session
}

// sighting is what a file looked like, and since when.
type sighting struct {
	size     int64
	modified time.Time
	since    time.Time
}

func newInbox(dir string, blobs blob.Store, ingest queue.Queue) (*inbox, error) {
	return &inbox{dir, blobs, ingest, map[string]sighting{}, map[string]bool{}}, os.MkdirAll(dir, 0o700)
}

// look takes the files that have been stable for long enough.
func (b *inbox) look(ctx context.Context) {
	there := map[string]sighting{}
	err := filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") {
			return ignoreMissing(err)
		}
		key, err := b.key(path)
		if err != nil {
			return err
		}
		if problem := session.CheckDrop(key); problem != "" {
			b.complain(path, problem)
			return nil
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
		if err := b.take(ctx, path, key, info.Size()); err != nil {
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

// key is what the file's key would be in a bucket.
func (b *inbox) key(path string) (string, error) {
	rel, err := filepath.Rel(b.dir, path)
	return session.InboxPrefix + filepath.ToSlash(rel), err
}

// complain says once that a file is left where it is.
func (b *inbox) complain(path, problem string) {
	if !b.left[path] {
		b.left[path] = true
		slog.Warn("a file in the inbox starts no session", "problem", problem)
	}
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
func (b *inbox) take(ctx context.Context, path, key string, size int64) error {
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
