// Package blobtest holds the conformance suite of the blob port and a
// decorator that makes its operations fail.
package blobtest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
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
