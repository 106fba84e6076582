package blobtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"griot/internal/blob"
)

func testPutGet(b *bench) {
	for _, size := range []int{0, 1, 17, 4096, 3<<20 + 1} {
		content := filler(size)
		for _, declared := range []int64{int64(size), -1} {
			key := fmt.Sprintf("size/%d/%d", size, declared)
			r := iotest.HalfReader(strings.NewReader(content))
			info, err := b.s.Put(b.Context(), key, r, declared, blob.Put{ContentType: "text/plain"})
			if err != nil {
				b.Fatalf("Put of %d bytes: %v", size, err)
			}
			if got := b.holds(key, content); got.ETag != info.ETag || info.Key != key || info.Size != int64(size) {
				b.Errorf("Put describes %+v, Get %+v", info, got)
			}
		}
	}
}

func testReplace(b *bench) {
	first := b.put("a/b", "one")
	second := b.put("a/b", "two!")
	if first.ETag == second.ETag {
		b.Error("another content has the same ETag")
	}
	b.holds("a/b", "two!")
	if third := b.put("a/b", "one"); third.ETag != first.ETag {
		b.Errorf("the same content has ETags %s and %s", first.ETag, third.ETag)
	}
}

func testIfAbsent(b *bench) {
	for i, want := range []error{nil, blob.ErrExists, blob.ErrExists} {
		content := fmt.Sprint("try ", i)
		_, err := b.s.Put(b.Context(), "a", strings.NewReader(content), int64(len(content)), blob.Put{IfAbsent: true})
		if !errors.Is(err, want) {
			b.Errorf("try %d: %v, want %v", i, err, want)
		}
	}
	b.holds("a", "try 0")
	b.put("a", "replaced")
	b.holds("a", "replaced")
}

func testIfAbsentRace(b *bench) {
	const writers = 16
	var winner atomic.Int64
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			content := fmt.Sprint("writer ", i)
			_, err := b.s.Put(b.Context(), "deep/in/the/tree", strings.NewReader(content), -1, blob.Put{IfAbsent: true})
			switch {
			case err == nil:
				if !winner.CompareAndSwap(0, int64(i+1)) {
					b.Error("two writers won")
				}
			case !errors.Is(err, blob.ErrExists):
				b.Errorf("Put: %v, want ErrExists", err)
			}
		})
	}
	all.Wait()
	b.holds("deep/in/the/tree", fmt.Sprint("writer ", winner.Load()-1))
}

func testWrongSize(b *bench) {
	b.put("old", "old")
	for _, key := range []string{"old", "new"} {
		for _, size := range []int64{0, 3, 5} {
			if _, err := b.s.Put(b.Context(), key, strings.NewReader("four"), size, blob.Put{}); err == nil {
				b.Errorf("Put took 4 bytes as %d", size)
			}
		}
	}
	b.holds("old", "old")
	b.missing("new")
}

func testFailingReader(b *bench) {
	broken := errors.New("broken")
	b.put("old", "old")
	for _, key := range []string{"old", "new"} {
		for _, size := range []int64{1 << 20, -1} {
			r := io.MultiReader(strings.NewReader(filler(1<<19)), iotest.ErrReader(broken))
			if _, err := b.s.Put(b.Context(), key, r, size, blob.Put{}); !errors.Is(err, broken) {
				b.Errorf("Put: %v, want the reader's error", err)
			}
		}
	}
	b.holds("old", "old")
	b.missing("new")
}

func testCancelledPut(b *bench) {
	ctx, cancel := context.WithCancel(b.Context())
	r := io.MultiReader(strings.NewReader(filler(1<<19)), readerFunc(func(p []byte) (int, error) {
		cancel()
		return copy(p, "x"), nil
	}))
	if _, err := b.s.Put(ctx, "a", r, 1<<20, blob.Put{}); !errors.Is(err, context.Canceled) {
		b.Errorf("Put: %v, want context.Canceled", err)
	}
	b.missing("a")
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func testNotFound(b *bench) {
	b.put("a/b", "x")
	for _, key := range []string{"a", "a/b/c", "b"} {
		if _, _, err := b.s.Get(b.Context(), key); !errors.Is(err, blob.ErrNotFound) {
			b.Errorf("Get of %q: %v", key, err)
		}
		if _, _, err := b.s.GetRange(b.Context(), key, 0, 1); !errors.Is(err, blob.ErrNotFound) {
			b.Errorf("GetRange of %q: %v", key, err)
		}
		b.missing(key)
	}
}

func testDelete(b *bench) {
	b.put("a/b/c", "x")
	b.put("a/b", "y")
	for range 2 {
		if err := b.s.Delete(b.Context(), "a/b/c"); err != nil {
			b.Errorf("Delete: %v", err)
		}
		b.missing("a/b/c")
	}
	b.holds("a/b", "y")
	b.put("a/b/c", "again")
	b.holds("a/b/c", "again")
}

func testGetRange(b *bench) {
	b.put("digits", "0123456789")
	b.put("empty", "")
	tests := []struct {
		key            string
		offset, length int64
		want           string
	}{
		{"digits", 0, -1, "0123456789"},
		{"digits", 0, 1, "0"},
		{"digits", 3, 4, "3456"},
		{"digits", 9, 1, "9"},
		{"digits", 7, -1, "789"},
		{"digits", 7, 100, "789"},
		{"digits", 4, 0, ""},
		{"digits", 10, -1, ""},
		{"digits", 100, 5, ""},
		{"empty", 0, -1, ""},
		{"empty", 0, 10, ""},
	}
	for _, test := range tests {
		r, info, err := b.s.GetRange(b.Context(), test.key, test.offset, test.length)
		if err != nil {
			b.Fatalf("GetRange(%s, %d, %d): %v", test.key, test.offset, test.length, err)
		}
		if got := b.readAll(r); got != test.want {
			b.Errorf("GetRange(%s, %d, %d) = %q, want %q", test.key, test.offset, test.length, got, test.want)
		}
		if diff := cmp.Diff(b.stat(test.key), info, sameSecond); diff != "" {
			b.Errorf("GetRange and Stat differ: %s", diff)
		}
	}
	for _, bad := range [][2]int64{{-1, 1}, {0, -2}} {
		if _, _, err := b.s.GetRange(b.Context(), "digits", bad[0], bad[1]); err == nil {
			b.Errorf("GetRange took %v", bad)
		}
	}
}

func testReadAt(b *bench) {
	digits := blob.OpenAt(b.Context(), b.s, b.put("digits", "0123456789"))
	for _, test := range []struct {
		offset int64
		length int
		want   string
		err    error
	}{
		{0, 3, "012", nil},
		{7, 3, "789", nil},
		{7, 4, "789", io.EOF},
		{10, 1, "", io.EOF},
		{99, 1, "", io.EOF},
	} {
		p := make([]byte, test.length)
		n, err := digits.ReadAt(p, test.offset)
		if got := string(p[:n]); got != test.want || !errors.Is(err, test.err) {
			b.Errorf("ReadAt(%d, %d) = %q, %v, want %q, %v", test.offset, test.length, got, err, test.want, test.err)
		}
	}
	b.put("digits", "9876543210")
	if _, err := digits.ReadAt(make([]byte, 1), 0); err == nil || errors.Is(err, io.EOF) {
		b.Errorf("reading what was replaced: %v", err)
	}
}

func (b *bench) stat(key string) blob.Info {
	b.Helper()
	info, err := b.s.Stat(b.Context(), key)
	if err != nil {
		b.Fatalf("Stat: %v", err)
	}
	return info
}

// testReplaceWhileReading replaces an object by others of other sizes while
// readers check that they see one of them whole.
func testReplaceWhileReading(b *bench) {
	const rounds = 30
	content := func(i int) string { return strings.Repeat(string(rune('a'+i%26)), 1000*(i%26)+1) }
	b.put("a", content(0))
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for running := true; running; {
				select {
				case <-done:
					running = false
				default:
				}
				r, info, err := b.s.Get(b.Context(), "a")
				if err != nil {
					b.Errorf("Get: %v", err)
					return
				}
				got := b.readAll(r)
				if want := content(int(got[0] - 'a')); got != want || info.Size != int64(len(want)) {
					b.Errorf("read %d bytes of %q, described as %d", len(got), got[0], info.Size)
				}
			}
		})
	}
	for i := range rounds {
		b.put("a", content(i))
	}
	close(done)
	readers.Wait()
}

// testDeleteRace writes and deletes neighbours, so that a driver that tidies
// up shows whether it ever pulls the floor from under a write.
func testDeleteRace(b *bench) {
	const rounds = 30
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			key := fmt.Sprintf("a/b/c/%d", i)
			for range rounds {
				if _, err := b.s.Put(b.Context(), key, strings.NewReader("x"), 1, blob.Put{}); err != nil {
					b.Errorf("Put: %v", err)
				}
				if _, err := b.s.Stat(b.Context(), key); err != nil {
					b.Errorf("Stat: %v", err)
				}
				if err := b.s.Delete(b.Context(), key); err != nil {
					b.Errorf("Delete: %v", err)
				}
			}
		})
	}
	all.Wait()
}
