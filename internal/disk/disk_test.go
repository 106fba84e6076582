package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
	"griot/internal/disk/disktest"
	"griot/internal/errs"
)

var bucket = []byte("b")

func open(t *testing.T, path string, o disk.Options) *disk.File {
	t.Helper()
	f, err := disk.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // twice is no error
	return f
}

// put writes size bytes under a key.
func put(f *disk.File, key string, size int) error {
	return f.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(bucket)
		if err != nil {
			return err
		}
		return b.Put([]byte(key), bytes.Repeat([]byte{key[0]}, size))
	})
}

// has reads all that was put and says how many keys there are.
func has(f *disk.File) (n int, err error) {
	err = f.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(k, v []byte) error {
			n++
			if !bytes.Equal(v, bytes.Repeat(k[:1], len(v))) {
				return fmt.Errorf("%s has another value", k)
			}
			return nil
		})
	})
	return n, err
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		errno syscall.Errno
		words string
	}{
		{syscall.ENOSPC, "is full"},
		{syscall.EDQUOT, "quota"},
		{syscall.EROFS, "read-only"},
		{syscall.EFBIG, "no larger"},
		{syscall.EIO, "failed to write"},
	} {
		for name, err := range map[string]error{
			"wrapped":  &os.PathError{Op: "write", Path: "f", Err: c.errno},
			"as bbolt": fmt.Errorf("file resize error: %s", &os.PathError{Op: "truncate", Path: "f", Err: c.errno}),
		} {
			e := errs.As(disk.Explain(err))
			if e == nil || e.Kind != errs.InsufficientStorage || !strings.Contains(e.Message, c.words) || strings.Contains(e.Message, "truncate") {
				t.Errorf("%v, %s: %v", c.errno, name, e)
			}
		}
	}
	for _, err := range []error{nil, errors.New("other"), syscall.ENOENT, errs.New(errs.Conflict, "taken")} {
		if got := disk.Explain(err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}

// TestFull fills the file's disk in the middle of a transaction, again and
// again, and wants all that was acknowledged, and writes again once there is
// room.
func TestFull(t *testing.T) {
	if !disktest.Alone(t) {
		return
	}
	directory := t.TempDir()
	path := filepath.Join(directory, "db")
	state := disk.Watch(directory)
	f := open(t, path, disk.Options{State: state})
	acked := 0
	fill := func() (last error) {
		for i := 0; i < 300 && last == nil; i++ {
			if last = put(f, fmt.Sprintf("%c%d", 'a'+acked%26, acked), 100<<10); last == nil {
				acked++
			}
		}
		return last
	}
	free := disktest.Full(t, 20<<20) // the file grows by 16 MB at a time
	for round := range 5 {
		if err := fill(); !errs.Is(err, errs.InsufficientStorage) {
			t.Fatalf("round %d: a full disk says %v", round, err)
		}
		if n, err := has(f); n != acked || err != nil {
			t.Fatalf("round %d: %d of %d are there: %v", round, n, acked, err)
		}
	}
	told := false
	for tries := 0; !told && tries < 100; tries++ { // between two looks of the state, which clear it
		if err := fill(); !errs.Is(err, errs.InsufficientStorage) {
			t.Fatalf("a full disk says %v", err)
		}
		told = state.Check() != nil
	}
	if !told {
		t.Error("the state does not know of a full disk")
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f = open(t, path, disk.Options{State: state}) // needs no room
	if n, err := has(f); n != acked || err != nil {
		t.Fatalf("opened again: %d of %d are there: %v", n, acked, err)
	}
	free()
	if err := state.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := acked
	if err := fill(); err != nil || acked != before+300 {
		t.Errorf("after there is room: %v", err)
	}
	for err := range check(f) {
		t.Errorf("bbolt's check: %v", err)
	}
	left, err := os.ReadDir(directory)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// check runs bbolt's own.
func check(f *disk.File) map[error]bool {
	found := map[error]bool{}
	err := f.Update(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			found[err] = true
		}
		return disk.ErrUnchanged
	})
	if err != nil {
		found[err] = true
	}
	return found
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	open(t, path, disk.Options{})
	if _, err := disk.Open(path, disk.Options{}); !errors.Is(err, disk.ErrLocked) {
		t.Errorf("opening an open file: got error %v, want ErrLocked", err)
	}
}

// used closes a file and returns its bytes without the room to grow.
func used(t *testing.T, f *disk.File) []byte {
	t.Helper()
	var size int64
	if err := f.View(func(tx *bbolt.Tx) error { size = tx.Size(); return nil }); err != nil {
		t.Fatal(err)
	}
	path := f.Path()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data[:size]
}

// TestDamage wants ErrDamaged from opening or reading, and the bytes as they
// were.
func TestDamage(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole")
	f := open(t, whole, disk.Options{})
	for i := range 50 {
		if err := put(f, fmt.Sprintf("%c%02d", 'a'+i%26, i), 5000); err != nil {
			t.Fatal(err)
		}
	}
	data := used(t, f)
	page := os.Getpagesize()
	random := func(from, pages int) []byte { // the same every time
		b := bytes.Clone(data)
		for i, x := from*page, uint32(1); i < (from+pages)*page; i++ {
			x = x*1664525 + 1013904223
			b[i] = byte(x >> 24)
		}
		return b
	}
	for name, b := range map[string][]byte{
		"zeroed meta": append(make([]byte, 2*page), data[2*page:]...),
		"cut":         data[:len(data)/2],
		"cut early":   data[:3*page],
		"cut in meta": data[:page+page/2],
		"text":        []byte("hello\n"),
		"junk":        random(0, len(data)/page),
		"pages":       random(2, len(data)/page-2),
		"zeros":       make([]byte, len(data)),
	} {
		path := filepath.Join(t.TempDir(), "db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := disk.Open(path, disk.Options{})
		if err == nil {
			_, err = has(f)
			_ = f.Close()
		}
		if !errors.Is(err, disk.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, b) {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
}

// TestOnePageDamaged hurts one page after the other.
func TestOnePageDamaged(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole")
	f := open(t, whole, disk.Options{})
	for i := range 200 {
		if err := put(f, fmt.Sprintf("%c%03d", 'a'+i%26, i), 100+i*7); err != nil {
			t.Fatal(err)
		}
	}
	data := used(t, f)
	page := os.Getpagesize()
	for p := 2; p < len(data)/page; p++ {
		path := filepath.Join(t.TempDir(), "db")
		hurt := bytes.Clone(data)
		for i := range page {
			hurt[p*page+i] = byte(i*p) | 0x80
		}
		if err := os.WriteFile(path, hurt, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := disk.Open(path, disk.Options{})
		if err == nil {
			_, err = has(f)
			if err == nil {
				err = put(f, "z", 3000)
			}
			_ = f.Close()
		}
		if err != nil && !errors.Is(err, disk.ErrDamaged) && !strings.Contains(err.Error(), "another value") {
			t.Errorf("page %d: %v", p, err)
		}
	}
}

// TestCutWhileOpen takes the file away from under the process.
func TestCutWhileOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	f := open(t, path, disk.Options{})
	if err := put(f, "a", 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, int64(4*os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	if _, err := has(f); !errors.Is(err, disk.ErrDamaged) {
		t.Errorf("reading what is gone: %v", err)
	}
}

func TestOurOwnPanicIsNoDamage(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "db"), disk.Options{})
	for name, bug := range map[string]func(*bbolt.Tx) error{
		"a value": func(*bbolt.Tx) error { panic("bug") },
		"nil":     func(*bbolt.Tx) error { var p *int; *p = 1; return nil },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: was taken for damage", name)
				}
			}()
			_ = f.View(bug)
		}()
	}
}
