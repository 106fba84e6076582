package dir_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/blob"
	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/disk/disktest"
	"griot/internal/errs"
)

// keys are of every shape that becomes a file name.
var keys = []string{"a", "A/b", "a/b/c", strings.Repeat("long", 100) + "/x", strings.Repeat("y", 160), "ü/%"}

// scan returns the keys of whole objects, and of damaged ones.
func scan(t *testing.T, directory string) (whole, damaged []string) {
	t.Helper()
	err := dir.Scan(t.Context(), directory, func(o blob.Info, err error) {
		if err != nil {
			damaged = append(damaged, o.Key)
			return
		}
		whole = append(whole, o.Key)
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(whole)
	return whole, damaged
}

func TestScanAndCopy(t *testing.T) {
	directory, copied := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	s := open(t, directory, dir.Options{Base: "http://127.0.0.1:1"})
	for _, key := range keys {
		put(t, s, key, "content of "+key)
	}
	if err := os.WriteFile(filepath.Join(directory, "objects", ".DS_Store"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(keys))
	if whole, damaged := scan(t, directory); !slices.Equal(whole, want) || len(damaged) > 0 {
		t.Errorf("found %v and %v", whole, damaged)
	}
	if err := dir.Copy(t.Context(), directory, copied); err != nil {
		t.Fatal(err)
	}
	twin := open(t, copied, dir.Options{Base: "http://127.0.0.1:1"})
	before, _, err := s.List(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	after, _, err := twin.List(t.Context(), "", "")
	for i := range after {
		after[i].Modified = before[i].Modified
	}
	if diff := cmp.Diff(before, after); diff != "" || err != nil {
		t.Errorf("the copy differs: %s (%v)", diff, err)
	}
	signed, err := s.PresignPut(t.Context(), "z", blob.SignPut{Size: 1, Valid: blob.MaxValid})
	if err != nil {
		t.Fatal(err)
	}
	again, err := twin.PresignPut(t.Context(), "z", blob.SignPut{Size: 1, Valid: blob.MaxValid})
	if len(signed.URL) != len(again.URL) || err != nil {
		t.Errorf("the copy signs otherwise: %v", err)
	}
}

func TestScanFindsDamage(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory, dir.Options{})
	put(t, s, "good", "content")
	put(t, s, "bad", "content")
	path := filepath.Join(directory, "objects", "bad@")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		hurt := bytes.Clone(whole)
		hurt[i] ^= 4
		if err := os.WriteFile(path, hurt, 0o600); err != nil {
			t.Fatal(err)
		}
		if whole, damaged := scan(t, directory); !slices.Equal(whole, []string{"good"}) || !slices.Equal(damaged, []string{"bad"}) {
			t.Errorf("byte %d: found %v and %v", i, whole, damaged)
		}
	}
}

// TestHold has deletions wait for a hold.
func TestHold(t *testing.T) {
	const n = 20
	s := open(t, t.TempDir(), dir.Options{NoSync: true})
	for i := range n {
		put(t, s, fmt.Sprint(i), "x")
	}
	release := s.Hold()
	var deletions sync.WaitGroup
	for i := range n {
		deletions.Go(func() {
			if err := s.Delete(context.Background(), fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	for range 1000 {
		runtime.Gosched()
	}
	if left, _, err := s.List(t.Context(), "", ""); err != nil || len(left) != n {
		t.Errorf("during the hold %d of %d objects are there (%v)", len(left), n, err)
	}
	release()
	deletions.Wait()
	if left, _, err := s.List(t.Context(), "", ""); err != nil || len(left) > 0 {
		t.Errorf("after the hold %d objects are there (%v)", len(left), err)
	}
}

// TestFullDisk wants nothing to be left of an object that had no room.
func TestFullDisk(t *testing.T) {
	if !disktest.Alone(t) {
		return
	}
	directory := t.TempDir()
	state := disk.Watch(directory)
	s := open(t, directory, dir.Options{State: state})
	put(t, s, "before", "x")
	free := disktest.Full(t, 32<<10)
	large := strings.Repeat("x", 100<<10)
	_, err := s.Put(t.Context(), "a/b", strings.NewReader(large), int64(len(large)), blob.Put{})
	if !errs.Is(err, errs.InsufficientStorage) || state.Check() == nil {
		t.Errorf("a full disk says %v, its state %v", err, state.Check())
	}
	if left, err := os.ReadDir(filepath.Join(directory, "temp")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	if whole, damaged := scan(t, directory); !slices.Equal(whole, []string{"before"}) || len(damaged) > 0 {
		t.Errorf("objects: %v and %v", whole, damaged)
	}
	again := open(t, directory, dir.Options{})
	free()
	put(t, again, "a/b", large)
}
