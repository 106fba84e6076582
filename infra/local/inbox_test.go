package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"griot/infra/tenancy"
	blobdir "griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/session/upload"
)

// openInbox is a watcher on its own; every file is refused or taken, as judge
// says.
func openInbox(t *testing.T, judge func(context.Context, string) (string, error)) *inbox {
	t.Helper()
	dir := t.TempDir()
	db, err := disk.Open(filepath.Join(dir, "griot.db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { db.Close() })
	blobs, err := blobdir.Open(filepath.Join(dir, "objects"), blobdir.Options{Base: "http://127.0.0.1", NoSync: true})
	ok(t, err)
	t.Cleanup(func() { blobs.Close() })
	jobs, err := queuebolt.New(db, queue.Ingest, queuebolt.Options{})
	ok(t, err)
	b, err := newInbox(filepath.Join(dir, "inbox"), blobs, jobs, judge, disk.Watch(dir))
	ok(t, err)
	return b
}

// settle has the watcher see every file as it was long ago.
func (b *inbox) settle(ctx context.Context) {
	b.look(ctx)
	for path, s := range b.seen {
		s.since = s.since.Add(-2 * inboxStable)
		b.seen[path] = s
	}
	b.look(ctx)
}

func TestInboxRefusesOnceAndFollowsNoLink(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.txt")
	ok(t, os.WriteFile(secret, []byte("Ann: it is 1234"), 0o600))
	judged := map[string]int{}
	b := openInbox(t, func(_ context.Context, key string) (string, error) {
		judged[key]++
		return "it is a test", nil
	})
	names := []string{"a.txt", "deep/er/b.txt", "not \xff UTF-8.txt"}
	for _, name := range names {
		path := filepath.Join(b.dir, name)
		ok(t, os.MkdirAll(filepath.Dir(path), 0o700))
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Skipf("this file system has no such names: %v", err)
		}
		long := time.Now().Add(-365 * 24 * time.Hour) // a refused file stays though it is old
		ok(t, os.Chtimes(path, long, long))
	}
	ok(t, os.Symlink(secret, filepath.Join(b.dir, "link.txt")))
	ok(t, os.Symlink(filepath.Dir(secret), filepath.Join(b.dir, "folder")))
	for range 3 {
		b.settle(t.Context())
		b.expire(t.Context())
	}
	for _, name := range names {
		if n := judged[upload.InboxPrefix+name]; n != 1 {
			t.Errorf("%q was judged %d times", name, n)
		}
		content, err := os.ReadFile(filepath.Join(b.refused(), name))
		if err != nil || string(content) != "x" {
			t.Errorf("refused %q: %q, %v", name, content, err)
		}
	}
	if len(judged) != len(names) {
		t.Errorf("judged: %v", judged)
	}
	if _, err := os.Stat(secret); err != nil {
		t.Errorf("what a link points to: %v", err)
	}

	long := time.Now().Add(-upload.RefusedKept - time.Hour)
	ok(t, os.Chtimes(filepath.Join(b.refused(), "deep/er/b.txt"+upload.ReasonSuffix), long, long))
	b.expire(t.Context())
	if _, err := os.Stat(filepath.Join(b.refused(), "deep")); !os.IsNotExist(err) {
		t.Errorf("a refused file outlives its time: %v", err)
	}
	if _, err := os.Stat(filepath.Join(b.refused(), "a.txt")); err != nil {
		t.Errorf("a refused file went before its time: %v", err)
	}
}

// A file whose name cannot be had among the refused is moved all the same: each
// of these would otherwise be tried twice a second, for a week.
func TestInboxRefusesFilesOfNamesThatCannotBeHad(t *testing.T) {
	b := openInbox(t, func(context.Context, string) (string, error) { return "it is a test", nil })
	drop := func(name string) {
		t.Helper()
		path := filepath.Join(b.dir, name)
		ok(t, os.MkdirAll(filepath.Dir(path), 0o700))
		ok(t, os.WriteFile(path, []byte("content of "+name), 0o600))
		b.settle(t.Context())
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", name, err)
		}
		first, _, _ := strings.Cut(name, "/")
		ok(t, os.RemoveAll(filepath.Join(b.dir, first))) // a folder stays
	}
	for _, name := range []string{"a", "b/c.txt"} {
		drop(name)
	}
	for _, name := range []string{strings.Repeat("n", 250), "a/within a file", "b"} {
		drop(name)
		to := filepath.Join(b.refused(), upload.RefusedName(upload.InboxPrefix+name))
		if content, err := os.ReadFile(to); string(content) != "content of "+name {
			t.Errorf("refused %s: %q, %v", name, content, err)
		}
		if reason, err := os.ReadFile(to + upload.ReasonSuffix); !strings.Contains(string(reason), name) {
			t.Errorf("the reason beside %s: %s, %v", name, reason, err)
		}
	}
	if _, err := os.Stat(filepath.Join(b.refused(), "b"+upload.ReasonSuffix)); !os.IsNotExist(err) {
		t.Errorf("a reason without its file: %v", err)
	}
}

// What cannot be taken is said once, and is taken once it can be.
func TestInboxSaysOnceWhatItCannotTake(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	broken := errors.New("the table is away")
	b := openInbox(t, func(context.Context, string) (string, error) { return "", broken })
	path := filepath.Join(b.dir, "a.txt")
	ok(t, os.WriteFile(path, []byte("Ann: hello"), 0o600))
	for range 3 {
		b.settle(t.Context())
	}
	if n := strings.Count(log.String(), broken.Error()); n != 1 {
		t.Errorf("%d lines:\n%s", n, &log)
	}
	broken = nil
	b.settle(t.Context())
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

// Keys are for a person's eyes: a banner that goes elsewhere names the file.
func TestBannerHasKeysOnATerminalOnly(t *testing.T) {
	var e tenancy.Env
	e.First.Key, e.Second.Key = "cmk_live_one.secret", "cmk_live_two.secret"
	h := &host{data: "/somewhere", base: "http://127.0.0.1:1"}
	var out bytes.Buffer
	printBanner(&out, h, e)
	if s := out.String(); strings.Contains(s, "secret") || !strings.Contains(s, tenancy.Path(h.data)) {
		t.Errorf("a pipe is told:\n%s", s)
	}
	terminal, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	ok(t, err)
	defer terminal.Close()
	if file, err := os.Create(filepath.Join(t.TempDir(), "log")); err != nil || isTerminal(file) || !isTerminal(terminal) {
		t.Errorf("a file is taken for a terminal, or a device for none: %v", err)
	}
}
