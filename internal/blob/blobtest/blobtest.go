// Package blobtest holds the conformance suite of the blob port and a
// decorator that makes its operations fail.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/blob"
)

// Harness is what a driver gives to the suite.
type Harness struct {
	// New returns an empty store that nobody else uses. advance moves the
	// clock by which signed requests expire; nil lets the suite wait.
	New func(t *testing.T) (s blob.Store, advance func(time.Duration))
	// Client sends the signed requests.
	Client *http.Client
	// Skip maps the name of a test to the reason why it cannot pass.
	Skip map[string]string
}

// Run runs the suite, one subtest per promise of the port.
func Run(t *testing.T, h Harness) {
	tests := []struct {
		name string
		run  func(*bench)
	}{
		{"PutGet", testPutGet},
		{"Replace", testReplace},
		{"IfAbsent", testIfAbsent},
		{"IfAbsentRace", testIfAbsentRace},
		{"WrongSize", testWrongSize},
		{"FailingReader", testFailingReader},
		{"CancelledPut", testCancelledPut},
		{"NotFound", testNotFound},
		{"Delete", testDelete},
		{"GetRange", testGetRange},
		{"ReadAt", testReadAt},
		{"ReplaceWhileReading", testReplaceWhileReading},
		{"DeleteRace", testDeleteRace},
		{"Keys", testKeys},
		{"BadKeys", testBadKeys},
		{"List", testList},
		{"DeleteBelow", testDeleteBelow},
		{"ListOrder", testListOrder},
		{"ListPages", testListPages},
		{"ListLongElements", testListLongElements},
		{"SignedPut", testSignedPut},
		{"SignedPutContentType", testSignedPutContentType},
		{"SignedPutOnce", testSignedPutOnce},
		{"SignedPutRace", testSignedPutRace},
		{"SignedPutCutOff", testSignedPutCutOff},
		{"SignedPutTampered", testSignedPutTampered},
		{"SignedPutExpired", testSignedPutExpired},
		{"SignedGet", testSignedGet},
		{"SignedGetTampered", testSignedGetTampered},
		{"SignedPutFromBrowser", testSignedPutFromBrowser},
		{"SignRefused", testSignRefused},
		{"KeyOf", testKeyOf},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if reason := h.Skip[test.name]; reason != "" {
				t.Skip(reason)
			}
			t.Parallel()
			s, advance := h.New(t)
			test.run(&bench{T: t, Harness: h, s: s, advance: advance})
		})
	}
}

// bench is one test's store with the steps that tests are made of.
type bench struct {
	*testing.T
	Harness
	s       blob.Store
	advance func(time.Duration)
}

func (b *bench) put(key, content string) blob.Info {
	b.Helper()
	info, err := b.s.Put(b.Context(), key, strings.NewReader(content), int64(len(content)), blob.Put{})
	if err != nil {
		b.Fatalf("Put: %v", err)
	}
	return info
}

// holds asserts an object's content and that every description of it agrees.
func (b *bench) holds(key, content string) blob.Info {
	b.Helper()
	r, info, err := b.s.Get(b.Context(), key)
	if err != nil {
		b.Fatalf("Get: %v", err)
	}
	if got := b.readAll(r); got != content {
		b.Errorf("%q holds %.40q (%d bytes), want %.40q (%d)", key, got, len(got), content, len(content))
	}
	if info.Key != key || info.Size != int64(len(content)) || info.ETag == "" || info.Modified.IsZero() {
		b.Errorf("Get describes %q as %+v", key, info)
	}
	stat, err := b.s.Stat(b.Context(), key)
	if err != nil {
		b.Fatalf("Stat: %v", err)
	}
	if diff := cmp.Diff(info, stat, sameSecond); diff != "" {
		b.Errorf("Get and Stat differ: %s", diff)
	}
	return info
}

// sameSecond compares times as exactly as HTTP headers carry them.
var sameSecond = cmp.Comparer(func(a, b time.Time) bool {
	return a.Truncate(time.Second).Equal(b.Truncate(time.Second))
})

func (b *bench) readAll(r io.ReadCloser) string {
	b.Helper()
	all, err := io.ReadAll(r)
	if err != nil {
		b.Fatalf("reading an object: %v", err)
	}
	if err := r.Close(); err != nil {
		b.Fatalf("closing an object: %v", err)
	}
	return string(all)
}

// missing asserts that there is no object.
func (b *bench) missing(key string) {
	b.Helper()
	if _, err := b.s.Stat(b.Context(), key); !errors.Is(err, blob.ErrNotFound) {
		b.Errorf("Stat of %q: %v, want ErrNotFound", key, err)
	}
}

// filler is n bytes that are not all the same.
func filler(n int) string {
	return string(bytes.Repeat([]byte("0123456789abcdef\n"), n/17+1)[:n])
}

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

// oddKeys are pairwise different, whatever a file system thinks.
var oddKeys = []string{
	"plain", "PLAIN", "Plain", "with space", " ", "plus+plus", "+p", "percent%41", "%", "query?x=1&y=2#z",
	"ü", "u\u0308", "日本語", "😀", "back\\slash", "quote\"'`", "semi;colon,comma@at~tilde", "a:b", "*", "<>|",
	".hidden", "...", "-", "con", "nul.txt", "trailing.", "tab\tnewline\n", "a", "a/b", "a/b/c", "a/B", "a,/b",
	strings.Repeat("l", 79), strings.Repeat("l", 80), strings.Repeat("l", 81), strings.Repeat("l", 160),
	strings.Repeat("l", 80) + "/x", strings.Repeat("l", 255), strings.Repeat("l", 256),
	strings.Repeat("x", blob.MaxKey), strings.Repeat("Ü", blob.MaxKey/2), strings.Repeat("é/", 50) + "é", strings.Repeat("d/", 50) + "dd",
}

func testKeys(b *bench) {
	for _, key := range oddKeys {
		b.put(key, "content of "+key)
	}
	for _, key := range oddKeys {
		b.holds(key, "content of "+key)
	}
	want := slices.Sorted(slices.Values(oddKeys))
	if diff := cmp.Diff(want, b.list("", "")); diff != "" {
		b.Errorf("List: %s", diff)
	}
	half := len(oddKeys) / 2
	b.deleteAll(oddKeys[:half])
	want = slices.Sorted(slices.Values(oddKeys[half:]))
	if diff := cmp.Diff(want, b.list("", "")); diff != "" {
		b.Errorf("List after deleting half: %s", diff)
	}
	b.deleteAll(oddKeys[half:])
	if left := b.list("", ""); len(left) != 0 {
		b.Errorf("left after deleting all: %q", left)
	}
}

func (b *bench) deleteAll(keys []string) {
	b.Helper()
	for _, key := range keys {
		if err := b.s.Delete(b.Context(), key); err != nil {
			b.Errorf("Delete of %q: %v", key, err)
		}
		b.missing(key)
	}
}

func testBadKeys(b *bench) {
	bad := []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "a/./b", "a/../b", "../a", "a/..",
		"\xff", "a\xc3", strings.Repeat("x", blob.MaxKey+1),
	}
	for _, key := range bad {
		_, err := b.s.Put(b.Context(), key, strings.NewReader("x"), 1, blob.Put{})
		_, _, errGet := b.s.Get(b.Context(), key)
		_, errStat := b.s.Stat(b.Context(), key)
		errDelete := b.s.Delete(b.Context(), key)
		_, errSign := b.s.PresignPut(b.Context(), key, blob.SignPut{Size: 1, Valid: 1e9})
		for i, err := range []error{err, errGet, errStat, errDelete, errSign} {
			if !errors.Is(err, blob.ErrKey) {
				b.Errorf("key %.20q, operation %d: %v, want ErrKey", key, i, err)
			}
		}
	}
}

// list returns the keys of one page, which must be the only one.
func (b *bench) list(prefix, after string) []string {
	b.Helper()
	keys, more := b.page(prefix, after)
	if more {
		b.Errorf("List(%q, %q) says that more follows", prefix, after)
	}
	return keys
}

func (b *bench) page(prefix, after string) (keys []string, more bool) {
	b.Helper()
	objects, more, err := b.s.List(b.Context(), prefix, after)
	if err != nil {
		b.Fatalf("List(%q, %q): %v", prefix, after, err)
	}
	for _, o := range objects {
		keys = append(keys, o.Key)
	}
	return keys, more
}

func testList(b *bench) {
	for _, key := range []string{"a/1", "a/2", "a/22", "ab", "b/1/x", "b/1/y", "b/2"} {
		b.put(key, "content of "+key)
	}
	tests := []struct {
		prefix, after string
		want          []string
	}{
		{"", "", []string{"a/1", "a/2", "a/22", "ab", "b/1/x", "b/1/y", "b/2"}},
		{"a", "", []string{"a/1", "a/2", "a/22", "ab"}},
		{"a/", "", []string{"a/1", "a/2", "a/22"}},
		{"a/2", "", []string{"a/2", "a/22"}},
		{"a/2", "a/2", []string{"a/22"}},
		{"b/1", "", []string{"b/1/x", "b/1/y"}},
		{"b/1/", "b/1/x", []string{"b/1/y"}},
		{"b/", "a/22", []string{"b/1/x", "b/1/y", "b/2"}},
		{"b/", "b/1/zzz", []string{"b/2"}},
		{"b/", "c", nil},
		{"", "ab", []string{"b/1/x", "b/1/y", "b/2"}},
		{"", "a/", []string{"a/1", "a/2", "a/22", "ab", "b/1/x", "b/1/y", "b/2"}},
		{"a/1/", "", nil},
		{"/", "", nil},
		{"a//", "", nil},
		{"../", "", nil},
		{"c", "", nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, b.list(test.prefix, test.after)); diff != "" {
			b.Errorf("List(%q, %q): %s", test.prefix, test.after, diff)
		}
	}
	objects, _, err := b.s.List(b.Context(), "a/22", "")
	if diff := cmp.Diff([]blob.Info{b.stat("a/22")}, objects, sameSecond); diff != "" || err != nil {
		b.Errorf("List describes the object otherwise than Stat: %s (%v)", diff, err)
	}
}

func testDeleteBelow(b *bench) {
	for _, key := range []string{"a/1", "a/2/x", "ab", "b"} {
		b.put(key, "content of "+key)
	}
	for range 2 { // what is gone already is no error
		if err := blob.DeleteBelow(b.Context(), b.s, "a/"); err != nil {
			b.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"ab", "b"}, b.list("", "")); diff != "" {
		b.Error(diff)
	}
}

func testListOrder(b *bench) {
	keys := []string{"a", "a!", "a-b", "a-b/c", "a.b", "a/", "a0", "A", "aa", "a/b", "a/b/c", "a/b!", "ä", "é/x", "z"}
	keys = slices.DeleteFunc(keys, func(k string) bool { return blob.CheckKey(k) != nil })
	for _, key := range keys {
		b.put(key, key)
	}
	slices.Sort(keys)
	if diff := cmp.Diff(keys, b.list("", "")); diff != "" {
		b.Error(diff)
	}
	for i, after := range keys {
		if diff := cmp.Diff(keys[i+1:], append([]string{}, b.list("", after)...)); diff != "" {
			b.Errorf("behind %q: %s", after, diff)
		}
	}
}

// testListPages makes three pages, the middle one full to the brim.
func testListPages(b *bench) {
	const n = 2*blob.MaxList + 1
	var want []string
	for i := range n {
		want = append(want, fmt.Sprintf("p/%d/%04d", i%3, i))
	}
	b.putAll(append(want, "q"))
	slices.Sort(want)
	var got []string
	for after, more := "", true; more; {
		var keys []string
		if keys, more = b.page("p/", after); len(keys) > blob.MaxList {
			b.Fatalf("a page of %d objects", len(keys))
		}
		got = append(got, keys...)
		after = got[len(got)-1]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		b.Error(diff)
	}
	if keys, more := b.page("p/", want[n-blob.MaxList-1]); len(keys) != blob.MaxList || more {
		b.Errorf("the last page has %d objects, more: %v", len(keys), more)
	}
}

// putAll writes many objects, some at a time.
func (b *bench) putAll(keys []string) {
	b.Helper()
	var all sync.WaitGroup
	for part := range slices.Chunk(keys, len(keys)/8+1) {
		all.Go(func() {
			for _, key := range part {
				if _, err := b.s.Put(b.Context(), key, strings.NewReader("x"), 1, blob.Put{}); err != nil {
					b.Errorf("Put: %v", err)
				}
			}
		})
	}
	all.Wait()
}

// testListLongElements makes elements that differ around the lengths at which
// drivers may have to cut them.
func testListLongElements(b *bench) {
	var keys []string
	for _, n := range []int{79, 80, 81, 159, 160, 161, 255, 256} {
		for _, tail := range []string{"", "!", "/b", "0", "é", "/"} {
			if key := strings.Repeat("x", n) + tail; blob.CheckKey(key) == nil && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	b.putAll(keys)
	slices.Sort(keys)
	if diff := cmp.Diff(keys, b.list("", "")); diff != "" {
		b.Error(diff)
	}
	for i, key := range keys {
		want := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !strings.HasPrefix(k, key) })
		if diff := cmp.Diff(want, b.list(key, "")); diff != "" {
			b.Errorf("prefix %q: %s", key, diff)
		}
		if got := b.list("", key); len(got) != len(keys)-i-1 {
			b.Errorf("%d objects behind %q, want %d", len(got), key, len(keys)-i-1)
		}
	}
}

func (b *bench) sign(key string, p blob.SignPut) blob.PutRequest {
	b.Helper()
	if p.Valid == 0 {
		p.Valid = time.Minute
	}
	req, err := b.s.PresignPut(b.Context(), key, p)
	if err != nil {
		b.Fatalf("PresignPut: %v", err)
	}
	return req
}

// upload sends content as a request says, changed by change, and returns the
// answer's status and header.
func (b *bench) upload(p blob.PutRequest, content string, change func(*http.Request)) (int, http.Header) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), p.Method, p.URL, strings.NewReader(content))
	if err != nil {
		b.Fatalf("request: %v", err)
	}
	for name, value := range p.Headers {
		req.Header.Set(name, value)
	}
	if change != nil {
		change(req)
	}
	resp, err := b.Client.Do(req)
	if err != nil {
		b.Fatalf("upload: %v", err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		b.Errorf("answer: %v", err)
	}
	return resp.StatusCode, resp.Header
}

func testSignedPut(b *bench) {
	keys := []string{"uploads/ws_1/upl_1", "a b", "ü+%/?x#", "%2F", "a;b=c&d", "日本語", strings.Repeat("x", 300)}
	for _, key := range keys {
		for _, size := range []int{1, 1 << 20} {
			key, content := fmt.Sprint(key, size), filler(size)
			p := b.sign(key, blob.SignPut{Size: int64(size)})
			if p.Method != http.MethodPut || p.Headers["If-None-Match"] != "*" || p.Headers["Content-Length"] != "" {
				b.Errorf("request %+v", p)
			}
			if left := time.Until(p.Expires); left < 50*time.Second || left > 70*time.Second {
				b.Errorf("expires in %v", left)
			}
			status, header := b.upload(p, content, nil)
			if status != http.StatusOK {
				b.Fatalf("PUT of %q: %d", key, status)
			}
			info := b.holds(key, content)
			if got := strings.Trim(header.Get("ETag"), `"`); got != info.ETag {
				b.Errorf("answered ETag %q, Stat says %q", got, info.ETag)
			}
		}
	}
}

func testSignedPutContentType(b *bench) {
	const kind = `text/vtt; charset="utf-8"`
	p := b.sign("a", blob.SignPut{Size: 4, ContentType: kind})
	if p.Headers["Content-Type"] != kind {
		b.Errorf("headers %v", p.Headers)
	}
	b.refused(p, "four", func(r *http.Request) { r.Header.Set("Content-Type", "text/html") })
	b.refused(p, "four", func(r *http.Request) { r.Header.Del("Content-Type") })
	b.missing("a")
	if status, _ := b.upload(p, "four", nil); status != http.StatusOK {
		b.Errorf("PUT: %d", status)
	}
	free := b.sign("b", blob.SignPut{Size: 4})
	status, _ := b.upload(free, "four", func(r *http.Request) { r.Header.Set("Content-Type", "audio/x") })
	if status != http.StatusOK {
		b.Errorf("PUT of any type: %d", status)
	}
}

// refused asserts a client error.
func (b *bench) refused(p blob.PutRequest, content string, change func(*http.Request)) {
	b.Helper()
	if status, _ := b.upload(p, content, change); status < 400 || status > 499 {
		b.Errorf("PUT: %d, want a refusal", status)
	}
}

func testSignedPutOnce(b *bench) {
	p := b.sign("a", blob.SignPut{Size: 4})
	for i, want := range []int{http.StatusOK, http.StatusPreconditionFailed, http.StatusPreconditionFailed} {
		if status, _ := b.upload(p, fmt.Sprint("try", i), nil); status != want {
			b.Errorf("PUT %d: %d, want %d", i, status, want)
		}
	}
	b.holds("a", "try0")
}

func testSignedPutRace(b *bench) {
	p := b.sign("a/b/c", blob.SignPut{Size: 1})
	var stored atomic.Int32
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			// A real S3 may also tell concurrent writers to try again (409).
			if status, _ := b.upload(p, fmt.Sprint(i), nil); status == http.StatusOK {
				stored.Add(1)
			} else if status != http.StatusPreconditionFailed && status != http.StatusConflict {
				b.Errorf("PUT: %d", status)
			}
		})
	}
	all.Wait()
	if n := stored.Load(); n != 1 {
		b.Errorf("%d of the PUTs say that they stored", n)
	}
}

// testSignedPutCutOff has the client vanish halfway.
func testSignedPutCutOff(b *bench) {
	const size = 1 << 20
	p := b.sign("a", blob.SignPut{Size: size})
	ctx, cancel := context.WithCancel(b.Context())
	body := io.MultiReader(strings.NewReader(filler(size/2)), readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, io.ErrUnexpectedEOF
	}))
	req, err := http.NewRequestWithContext(ctx, p.Method, p.URL, body)
	if err != nil {
		b.Fatal(err)
	}
	req.ContentLength = size
	req.Header.Set("If-None-Match", "*")
	if resp, err := b.Client.Do(req); err == nil {
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			b.Error("half a body was stored")
		}
	}
	b.missing("a")
	if status, _ := b.upload(p, filler(size), nil); status != http.StatusOK {
		b.Errorf("the second try: %d", status)
	}
	b.holds("a", filler(size))
}

func testSignedPutTampered(b *bench) {
	b.put("victim", "safe")
	p := b.sign("a", blob.SignPut{Size: 4})
	b.refused(p, "fiver", nil)
	b.refused(p, "six", nil)
	b.refused(p, "", func(r *http.Request) { r.Body, r.ContentLength = nil, 0 })
	b.refused(p, "four", func(r *http.Request) { r.ContentLength = -1 }) // chunked
	b.refused(p, "four", func(r *http.Request) { r.Header.Del("If-None-Match") })
	b.refused(p, "four", func(r *http.Request) { r.Method = http.MethodPost })
	b.refused(p, "four", func(r *http.Request) { r.Method = http.MethodDelete })
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		status, _ := b.upload(p, "", func(r *http.Request) { r.Method, r.Body, r.ContentLength = method, nil, 0 })
		if status != http.StatusForbidden {
			b.Errorf("%s of a URL that was signed for PUT: %d, want 403", method, status)
		}
	}
	b.refused(p, "four", func(r *http.Request) { r.URL.RawQuery = "" })
	b.refused(p, "four", func(r *http.Request) {
		r.URL.Path, r.URL.RawPath = strings.TrimSuffix(r.URL.Path, "a")+"victim", ""
	})
	b.eachParameter(p)
	b.missing("a")
	b.holds("victim", "safe")
}

// eachParameter changes one query parameter after the other.
func (b *bench) eachParameter(p blob.PutRequest) {
	b.Helper()
	u, err := url.Parse(p.URL)
	if err != nil || len(u.Query()) == 0 {
		b.Fatalf("signed URL: %v", err)
	}
	for name, values := range u.Query() {
		if name == "x-id" { // the SDK's, without a meaning
			continue
		}
		q := u.Query()
		last := values[0][len(values[0])-1]
		q.Set(name, values[0][:len(values[0])-1]+string('0'+(last-'0'+1)%10))
		b.refused(p, "four", func(r *http.Request) { r.URL.RawQuery = q.Encode() })
	}
}

func testSignedPutExpired(b *bench) {
	p := b.sign("a", blob.SignPut{Size: 4, Valid: time.Second})
	if b.advance != nil {
		b.advance(3 * time.Second)
	} else {
		<-time.After(time.Until(p.Expires) + 2*time.Second) // engines count whole seconds, each by its own clock
	}
	if status, _ := b.upload(p, "four", nil); status != http.StatusForbidden {
		b.Errorf("PUT after the end: %d, want 403", status)
	}
	b.missing("a")
}

func testSignedPutFromBrowser(b *bench) {
	const origin = "https://app.example"
	p := b.sign("a", blob.SignPut{Size: 4, ContentType: "text/plain"})
	status, header := b.upload(p, "", func(r *http.Request) {
		r.Method, r.Body, r.ContentLength = http.MethodOptions, nil, 0
		r.Header = http.Header{
			"Origin":                         {origin},
			"Access-Control-Request-Method":  {p.Method},
			"Access-Control-Request-Headers": {"content-type,if-none-match"},
		}
	})
	if status != http.StatusOK && status != http.StatusNoContent {
		b.Errorf("preflight: %d", status)
	}
	b.allows(header, "Access-Control-Allow-Methods", p.Method)
	b.allows(header, "Access-Control-Allow-Headers", "content-type")
	b.allows(header, "Access-Control-Allow-Headers", "if-none-match")
	b.allows(header, "Access-Control-Allow-Origin", origin)
	status, header = b.upload(p, "four", func(r *http.Request) { r.Header.Set("Origin", origin) })
	if status != http.StatusOK {
		b.Errorf("PUT: %d", status)
	}
	b.allows(header, "Access-Control-Allow-Origin", origin)
}

func (b *bench) allows(h http.Header, name, value string) {
	b.Helper()
	got := strings.ToLower(strings.Join(h.Values(name), ","))
	if got != "*" && !strings.Contains(got, strings.ToLower(value)) {
		b.Errorf("%s is %q, does not allow %q", name, got, value)
	}
}

func (b *bench) signGet(key string) blob.GetRequest {
	b.Helper()
	g, err := b.s.PresignGet(b.Context(), key, blob.SignGet{ContentType: "audio/flac", Valid: time.Minute})
	if err != nil {
		b.Fatalf("PresignGet: %v", err)
	}
	if left := time.Until(g.Expires); left < 50*time.Second || left > 70*time.Second {
		b.Errorf("expires in %v", left)
	}
	return g
}

// download sends a request for a signed URL, changed by change.
func (b *bench) download(g blob.GetRequest, change func(*http.Request)) (status int, header http.Header, content string) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, g.URL, nil)
	if err != nil {
		b.Fatalf("request: %v", err)
	}
	if change != nil {
		change(req)
	}
	resp, err := b.Client.Do(req)
	if err != nil {
		b.Fatalf("download: %v", err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Errorf("answer: %v", err)
	}
	return resp.StatusCode, resp.Header, string(data)
}

func testSignedGet(b *bench) {
	for _, key := range []string{"uploads/ws_1/upl_1", "a b/ü+%?x", "日本語"} {
		b.put(key, "one and two")
		g := b.signGet(key)
		status, header, content := b.download(g, nil)
		if status != http.StatusOK || content != "one and two" || header.Get("Content-Type") != "audio/flac" || header.Get("Content-Length") != "11" {
			b.Errorf("%s: %d, %v, %q", key, status, header, content)
		}
		status, header, content = b.download(g, func(r *http.Request) { r.Header.Set("Range", "bytes=4-6") })
		if status != http.StatusPartialContent || content != "and" || header.Get("Content-Range") != "bytes 4-6/11" {
			b.Errorf("a range of %s: %d, %v, %q", key, status, header, content)
		}
	}
	if status, _, _ := b.download(b.signGet("gone"), nil); status != http.StatusNotFound {
		b.Errorf("GET of no object: %d", status)
	}
}

func testSignedGetTampered(b *bench) {
	b.put("a", "four")
	b.put("victim", "safe")
	g := b.signGet("a")
	for name, change := range map[string]func(*http.Request){
		"another key":  func(r *http.Request) { r.URL.Path = strings.TrimSuffix(r.URL.Path, "a") + "victim" },
		"no signature": func(r *http.Request) { r.URL.RawQuery = "" },
		"a PUT":        func(r *http.Request) { r.Method, r.ContentLength = http.MethodPut, 0 },
		"a DELETE":     func(r *http.Request) { r.Method = http.MethodDelete },
		"a HEAD":       func(r *http.Request) { r.Method = http.MethodHead },
		"another type": func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "flac", "mpeg", 1) },
	} {
		if status, _, _ := b.download(g, change); status < 400 || status > 499 {
			b.Errorf("%s: %d, want a refusal", name, status)
		}
	}
	b.holds("a", "four")
	b.holds("victim", "safe")
	for _, bad := range []blob.SignGet{{ContentType: "audio/flac"}, {Valid: blob.MaxValid + 1, ContentType: "audio/flac"}, {Valid: time.Minute, ContentType: "a\r\nb"}} {
		if _, err := b.s.PresignGet(b.Context(), "a", bad); err == nil {
			b.Errorf("signed %+v", bad)
		}
	}
}

func testSignRefused(b *bench) {
	bad := []blob.SignPut{
		{Size: -1, Valid: time.Minute},
		{Size: 1},
		{Size: 1, Valid: -time.Minute},
		{Size: 1, Valid: blob.MaxValid + 1},
		{Size: 1, Valid: time.Minute, ContentType: "text/plain\r\nX-Evil: 1"},
		{Size: 1, Valid: time.Minute, ContentType: "text/ü"},
	}
	for _, p := range bad {
		if _, err := b.s.PresignPut(b.Context(), "a", p); err == nil {
			b.Errorf("signed %+v", p)
		}
	}
	b.sign("a", blob.SignPut{Size: 1, Valid: blob.MaxValid})
}

func testKeyOf(b *bench) {
	for _, key := range []string{"uploads/ws_1/upl_1", "a b/ü+%", "a;b?c#d"} {
		p := b.sign(key, blob.SignPut{Size: 1})
		bare, _, _ := strings.Cut(p.URL, "?")
		for _, raw := range []string{p.URL, bare, bare + "?anything=else"} {
			if got, ok := b.s.KeyOf(raw); got != key || !ok {
				b.Errorf("KeyOf(%q) = %q, %v, want %q", raw, got, ok, key)
			}
		}
		u, err := url.Parse(p.URL)
		if err != nil {
			b.Fatal(err)
		}
		u.Host = "elsewhere.example"
		if got, ok := b.s.KeyOf(u.String()); ok {
			b.Errorf("KeyOf another host = %q", got)
		}
	}
	for _, raw := range []string{"", "uploads/a", "/uploads/a", "mailto:a@b.example", "http://%", "https://example.com/a", "\x00"} {
		if got, ok := b.s.KeyOf(raw); ok {
			b.Errorf("KeyOf(%q) = %q", raw, got)
		}
	}
}
