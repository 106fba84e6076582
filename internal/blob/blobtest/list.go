package blobtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"

	"griot/internal/blob"
)

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
