package blobtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/blob"
	"griot/internal/blob/blobtest"
	"griot/internal/blob/dir"
	"griot/internal/fault"
)

func open(t *testing.T) *blobtest.Faulty {
	t.Helper()
	s, err := dir.Open(t.TempDir(), dir.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return blobtest.NewFaulty(s)
}

// TestEveryOrdinal runs one scenario with each of its operations failing at
// each moment, and looks at what is left behind.
func TestEveryOrdinal(t *testing.T) {
	left := map[fault.Kind][]string{}
	for _, kind := range []fault.Kind{fault.Before, fault.After, fault.Midway} {
		for n := 1; ; n++ {
			s := open(t)
			s.FailNth(n, kind, nil)
			at, err := scenario(t.Context(), s)
			if s.Fired() == 0 {
				if err != nil {
					t.Errorf("nothing failed, but the scenario did: %v", err)
				}
				break
			}
			if !errors.Is(err, fault.ErrInjected) {
				t.Errorf("operation %d: %v, want ErrInjected", n, err)
			}
			objects, _, _ := s.Store.List(t.Context(), "", "")
			left[kind] = append(left[kind], fmt.Sprintf("%s: %d", at, len(objects)))
		}
	}
	want := map[fault.Kind][]string{
		fault.Before: {"put: 0", "stat: 1", "get: 1", "range: 1", "list: 1", "delete: 1"},
		fault.After:  {"put: 1", "stat: 1", "get: 1", "range: 1", "list: 1", "delete: 0"},
		fault.Midway: {"put: 0", "stat: 1", "get after 5: 1", "range after 2: 1", "list: 1", "delete: 1"},
	}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Error(diff)
	}
}

// scenario uses every operation once and says at which one it ended.
func scenario(ctx context.Context, s blob.Store) (at string, err error) {
	if _, err := s.Put(ctx, "a", strings.NewReader("0123456789"), 10, blob.Put{}); err != nil {
		return "put", err
	}
	if _, err := s.Stat(ctx, "a"); err != nil {
		return "stat", err
	}
	if at, err := readAll(s.Get(ctx, "a")); err != nil {
		return "get" + at, err
	}
	if at, err := readAll(s.GetRange(ctx, "a", 2, 4)); err != nil {
		return "range" + at, err
	}
	if _, _, err := s.List(ctx, "", ""); err != nil {
		return "list", err
	}
	return "delete", s.Delete(ctx, "a")
}

func readAll(r io.ReadCloser, _ blob.Info, err error) (at string, _ error) {
	if err != nil {
		return "", err
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	return fmt.Sprintf(" after %d", len(got)), err
}

func TestMidwayOfUnknownSize(t *testing.T) {
	s := open(t)
	s.FailNth(1, fault.Midway, fault.Only(blobtest.Put))
	for i, want := range []error{fault.ErrInjected, nil} {
		if _, err := s.Put(t.Context(), "a", strings.NewReader("content"), -1, blob.Put{}); !errors.Is(err, want) {
			t.Errorf("Put %d: %v, want %v", i, err, want)
		}
	}
}

func TestConcurrentOrdinals(t *testing.T) {
	const puts = 32
	s := open(t)
	for n := 1; n <= puts; n += 2 {
		s.FailNth(n, fault.Before, fault.Only(blobtest.Put))
	}
	var all sync.WaitGroup
	for i := range puts {
		all.Go(func() { s.Put(t.Context(), fmt.Sprint(i), strings.NewReader("x"), 1, blob.Put{}) })
	}
	all.Wait()
	objects, _, err := s.List(t.Context(), "", "")
	if len(objects) != puts/2 || s.Fired() != puts/2 || err != nil {
		t.Errorf("%d failures, %d objects, %v", s.Fired(), len(objects), err)
	}
}

func TestCrash(t *testing.T) {
	s := open(t)
	s.CrashNth(2, fault.After, fault.Only(blobtest.Put))
	put := func(key string) error {
		_, err := s.Put(t.Context(), key, strings.NewReader("x"), 1, blob.Put{})
		return err
	}
	if err := errors.Join(put("a"), s.Delete(t.Context(), "none")); err != nil || s.Down() {
		t.Errorf("before: %v", err)
	}
	for _, key := range []string{"b", "c"} {
		if err := put(key); !errors.Is(err, fault.ErrInjected) || !s.Down() {
			t.Errorf("%s: %v", key, err)
		}
	}
	if err := s.Delete(t.Context(), "a"); !errors.Is(err, fault.ErrInjected) {
		t.Errorf("deleting after the crash: %v", err)
	}
	s.Heal()
	objects, _, err := s.List(t.Context(), "", "")
	if len(objects) != 2 || objects[1].Key != "b" || err != nil {
		t.Errorf("left: %v, %v", objects, err)
	}
}
