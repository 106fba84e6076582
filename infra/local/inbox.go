package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"griot/internal/blob"
	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/queue"
	"griot/internal/session/upload"
	"griot/internal/task"
)

// A dropped file is taken once nothing has changed it for inboxStable.
const (
	inboxEvery  = 500 * time.Millisecond
	inboxStable = 2 * time.Second
)

// inbox moves files that are dropped into <data>/inbox into the object store,
// as a PUT to the bucket would, and announces them. Those of which no session
// can come go to its folder refused, which it empties again.
type inbox struct {
	dir    string
	blobs  blob.Store
	ingest queue.Queue
	judge  func(ctx context.Context, key string) (refusal string, err error)
	disk   *disk.State
	seen   map[string]sighting
}

// sighting is what a file looked like, and since when.
type sighting struct {
	size     int64
	modified time.Time
	since    time.Time
	problem  string // why it could not be taken, as the log has it
}

func newInbox(dir string, blobs blob.Store, ingest queue.Queue, judge func(context.Context, string) (string, error), state *disk.State) (*inbox, error) {
	return &inbox{dir, blobs, ingest, judge, state, map[string]sighting{}}, os.MkdirAll(dir, 0o700)
}

// look takes the files that have been stable for long enough.
func (b *inbox) look(ctx context.Context) {
	there := map[string]sighting{}
	err := filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if path == b.refused() {
			return filepath.SkipDir
		}
		if ignoreMissing(err) != nil { // a folder that may not be read keeps nobody from the others
			there[path] = b.seen[path].failed(ctx, err)
			return nil
		}
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") {
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
		if err = b.disk.Explain(b.handle(ctx, path, info.Size())); err != nil {
			there[path] = s.failed(ctx, err)
		}
		return nil
	})
	if err != nil {
		slog.ErrorContext(ctx, "looking into the inbox", "error", err)
	}
	b.seen = there
}

// failed notes that a file, or what is in a folder, could not be taken. It is
// tried again each time; the log says it once.
func (s sighting) failed(ctx context.Context, err error) sighting {
	if err.Error() == s.problem {
		return s
	}
	s.problem = err.Error()
	if !errs.Is(err, errs.InsufficientStorage) { // which the disk's state says once
		slog.ErrorContext(ctx, "taking a file from the inbox", "error", err)
	}
	return s
}

// handle takes a file or refuses it.
func (b *inbox) handle(ctx context.Context, path string, size int64) error {
	rel, err := filepath.Rel(b.dir, path)
	if err != nil {
		return err
	}
	key := keyOf(rel)
	refusal, err := b.judge(ctx, key)
	if err != nil {
		return err
	}
	if refusal != "" {
		return b.refuse(rel, refusal)
	}
	return b.take(ctx, path, key, size)
}

// keyOf is the key of a file by its path in the inbox.
func keyOf(rel string) string { return upload.InboxPrefix + filepath.ToSlash(rel) }

// refused is the folder of files of which no session can come.
func (b *inbox) refused() string {
	return filepath.Join(b.dir, filepath.Base(upload.RefusedPrefix))
}

// refuse moves a file out of the way. Where its own name cannot be had, because
// it is too long for a reason beside it or that of a folder among the refused,
// it gets another.
func (b *inbox) refuse(rel, refusal string) error {
	reason := upload.Reason(keyOf(rel), refusal)
	if b.moveAway(rel, rel, reason) != nil {
		if err := b.moveAway(rel, upload.RefusedName(keyOf(rel)), reason); err != nil {
			return err
		}
	}
	slog.Warn("a file in the inbox starts no session and was moved", "problem", refusal, "to", b.refused())
	return nil
}

// moveAway moves a file after the reason is written: when that was is how long
// both stay.
func (b *inbox) moveAway(rel, name, reason string) error {
	to := filepath.Join(b.refused(), name)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(to+upload.ReasonSuffix, []byte(reason), 0o600); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(b.dir, rel), to); err != nil {
		return errors.Join(err, os.Remove(to+upload.ReasonSuffix))
	}
	return nil
}

// expire removes refused files whose time has come, and folders that are
// empty then.
func (b *inbox) expire(ctx context.Context) {
	var folders []string
	err := filepath.WalkDir(b.refused(), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return ignoreMissing(err)
		}
		if d.IsDir() {
			folders = append(folders, path)
		}
		file, isReason := strings.CutSuffix(path, upload.ReasonSuffix)
		info, err := d.Info()
		if err != nil || !isReason || time.Since(info.ModTime()) < upload.RefusedKept {
			return ignoreMissing(err)
		}
		return errors.Join(ignoreMissing(os.Remove(file)), ignoreMissing(os.Remove(path)))
	})
	for _, folder := range slices.Backward(folders) {
		_ = os.Remove(folder) // fails where something is left in it
	}
	if err != nil {
		slog.ErrorContext(ctx, "removing refused files", "error", err)
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
		s = sighting{size: info.Size(), modified: info.ModTime(), since: time.Now()}
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
	return ingest.Send(ctx, queue.Outgoing{Body: task.Message{Object: key}.Encode(), Group: upload.OwnerOf(key)})
}
