package dir_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"griot/internal/blob"
	"griot/internal/blob/dir"
	"griot/internal/disk/disktest"
)

func TestMain(m *testing.M) { disktest.Main(m, child) }

// child writes objects until it is killed, and a line for each that is
// durable.
func child(directory string) error {
	s, err := dir.Open(directory, dir.Options{})
	if err != nil {
		return err
	}
	for i := range 4 {
		go childPuts(s, fmt.Sprintf("own/%d/%d", os.Getpid(), i))
	}
	return childReplaces(s)
}

func childPuts(s *dir.Store, name string) {
	for n := 0; ; n++ {
		key := fmt.Sprintf("%s/%d/x", name, n)
		info, err := s.Put(context.Background(), key, strings.NewReader(key), -1, blob.Put{IfAbsent: true})
		if err != nil {
			panic(err)
		}
		fmt.Println(key, info.ETag)
	}
}

// childReplaces keeps replacing one object by contents of one letter.
func childReplaces(s *dir.Store) error {
	for n := 0; ; n++ {
		content := strings.Repeat(string(rune('a'+n%26)), 100_000)
		if _, err := s.Put(context.Background(), "shared", strings.NewReader(content), -1, blob.Put{}); err != nil {
			return err
		}
	}
}

// TestKill kills a process at work three times and looks for what it had
// been told is durable.
func TestKill(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "data")
	etags := map[string]string{}
	for range 3 {
		disktest.Killed(t, directory, 60, func(line string) {
			key, etag, _ := strings.Cut(line, " ")
			etags[key] = etag
		})
	}
	s := open(t, directory, dir.Options{})
	for key, etag := range etags {
		if info, err := s.Stat(t.Context(), key); err != nil || info.ETag != etag || info.Size != int64(len(key)) {
			t.Errorf("%s was stored and is %+v (%v)", key, info, err)
		}
	}
	r, _, err := s.Get(t.Context(), "shared")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil || len(content) != 100_000 || strings.Count(string(content), string(content[:1])) != 100_000 {
		t.Errorf("the shared object has %d bytes of several contents (%v)", len(content), err)
	}
	t.Logf("%d objects", len(etags))
}
