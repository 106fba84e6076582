package dir_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/blob"
	"griot/internal/blob/dir"
)

func open(t testing.TB, directory string, o dir.Options) *dir.Store {
	t.Helper()
	s, err := dir.Open(directory, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t testing.TB, s *dir.Store, key, content string) blob.Info {
	t.Helper()
	info, err := s.Put(t.Context(), key, strings.NewReader(content), int64(len(content)), blob.Put{})
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestReopen(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "made", "here")
	s := open(t, directory, dir.Options{Base: "http://127.0.0.1:1"})
	before := put(t, s, "a/b", "content")
	signed, err := s.PresignPut(t.Context(), "x", blob.SignPut{Size: 1, Valid: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(directory, "temp", "half-written")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}

	s = open(t, directory, dir.Options{Base: "http://127.0.0.1:1", Now: func() time.Time { return signed.Expires.Add(-time.Hour) }})
	after, err := s.Stat(t.Context(), "a/b")
	if diff := cmp.Diff(before, after); diff != "" || err != nil {
		t.Errorf("Stat after reopening: %s (%v)", diff, err)
	}
	again, err := s.PresignPut(t.Context(), "x", blob.SignPut{Size: 1, Valid: time.Hour})
	if diff := cmp.Diff(signed, again); diff != "" || err != nil {
		t.Errorf("the secret is another one after reopening: %s (%v)", diff, err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was half-written is still there: %v", err)
	}
}

// TestFiles looks at the directory: nobody else may read it, and nothing but
// the secret stays when all objects are gone.
func TestFiles(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "data")
	s := open(t, directory, dir.Options{})
	keys := []string{"a", "A/b", strings.Repeat("long", 100) + "/x"}
	for _, key := range keys {
		put(t, s, key, "x")
	}
	err := filepath.WalkDir(directory, func(path string, d fs.DirEntry, err error) error {
		if info, err := d.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v (%v)", path, info.Mode(), err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	var left []string
	_ = filepath.WalkDir(directory, func(path string, _ fs.DirEntry, _ error) error {
		rel, _ := filepath.Rel(directory, path)
		left = append(left, rel)
		return nil
	})
	if diff := cmp.Diff([]string{".", "objects", "temp", "upload.key"}, left); diff != "" {
		t.Errorf("left: %s", diff)
	}
}

// TestForeignFiles makes sure that what a desktop or an operator leaves in
// the directory is no object and hides none.
func TestForeignFiles(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory, dir.Options{})
	put(t, s, "a", "x")
	for _, name := range []string{".DS_Store", "Thumbs.db", "B@", "%6@", "+@", "x%zz@", "@@"} {
		if err := os.WriteFile(filepath.Join(directory, "objects", name), []byte("?"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	objects, more, err := s.List(t.Context(), "", "")
	if err != nil || more || len(objects) != 1 || objects[0].Key != "a" {
		t.Errorf("List: %v, %v, %v", objects, more, err)
	}
}

func TestDamagedFile(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory, dir.Options{})
	put(t, s, "a", "content")
	path := filepath.Join(directory, "objects", "a@")
	whole, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(whole, []byte("content")) {
		t.Fatalf("%q, %v", whole, err)
	}
	for size := range whole {
		if err := os.WriteFile(path, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Stat(t.Context(), "a"); err == nil || errors.Is(err, blob.ErrNotFound) {
			t.Fatalf("Stat of %d bytes of %d: %v", size, len(whole), err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "upload.key"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		directory string
		base      string
	}{
		"damaged secret": {broken, ""},
		"no URL":         {t.TempDir(), "127.0.0.1:3000"},
		"other scheme":   {t.TempDir(), "ftp://127.0.0.1"},
	}
	for name, test := range tests {
		if s, err := dir.Open(test.directory, dir.Options{Base: test.base}); err == nil {
			t.Errorf("%s: opened", name)
			s.Close()
		}
	}
	s := open(t, t.TempDir(), dir.Options{})
	if _, err := s.PresignPut(t.Context(), "a", blob.SignPut{Size: 1, Valid: time.Hour}); err == nil {
		t.Error("signed without an address")
	}
}

// TestReadersKeepWhatTheyOpened replaces and deletes an object below a reader.
func TestReadersKeepWhatTheyOpened(t *testing.T) {
	s := open(t, t.TempDir(), dir.Options{NoSync: true})
	content := strings.Repeat("old", 1<<18)
	put(t, s, "a", content)
	r, _, err := s.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	half := make([]byte, len(content)/2)
	if _, err := io.ReadFull(r, half); err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", "new")
	if err := s.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(r)
	if string(half)+string(rest) != content || err != nil {
		t.Errorf("read %d bytes, %v", len(half)+len(rest), err)
	}
}

func TestKeyOfBase(t *testing.T) {
	tests := []struct {
		base, url, key string
	}{
		{"http://127.0.0.1:3000", "http://127.0.0.1:3000/uploads/a", "a"},
		{"http://127.0.0.1:3000/", "http://127.0.0.1:3000/uploads/a?sig=1#f", "a"},
		{"http://Host:80", "http://host/uploads/a/b%20c", "a/b c"},
		{"https://host/griot", "https://HOST:443/griot/uploads/a", "a"},
		{"https://host/griot", "https://host/uploads/a", ""},
		{"https://host", "http://host/uploads/a", ""},
		{"https://host", "http://host:443/uploads/a", ""},
		{"http://host", "http://host:3000/uploads/a", ""},
		{"http://host", "http://u:p@host/uploads/a", ""},
		{"http://host", "http://host/uploads/", ""},
		{"http://host", "http://host/uploads/../x", ""},
		{"http://host", "http://host/uploads/a%2F%2e%2e%2Fb", ""},
		{"http://host", "http://host/uploadsa", ""},
		{"http://host", "//host/uploads/a", ""},
		{"http://[::1]:3000", "http://[::1]:3000/uploads/a", "a"},
	}
	for _, test := range tests {
		s := open(t, t.TempDir(), dir.Options{Base: test.base})
		if key, ok := s.KeyOf(test.url); key != test.key || ok != (test.key != "") {
			t.Errorf("base %s: KeyOf(%s) = %q, %v, want %q", test.base, test.url, key, ok, test.key)
		}
	}
}

// TestDeepest writes a key of as many elements as fit, whose path is longer
// than systems take in one piece when it comes with a directory before it.
func TestDeepest(t *testing.T) {
	s := open(t, t.TempDir(), dir.Options{NoSync: true})
	key := strings.Repeat("É/", blob.MaxKey/3-1) + "É"
	put(t, s, key, "x")
	objects, _, err := s.List(t.Context(), "É/", "")
	if err != nil || len(objects) != 1 || objects[0].Key != key {
		t.Errorf("List: %d objects, %v", len(objects), err)
	}
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
}

// Of several contents one piece at a time is written; one whose next piece does
// not come holds up nobody.
func TestASlowContentHoldsUpNobody(t *testing.T) {
	s := open(t, t.TempDir(), dir.Options{})
	content := strings.Repeat("x", 3<<20)
	slow, rest := io.Pipe()
	stored := make(chan error)
	go func() {
		_, err := s.Put(context.Background(), "slow", slow, int64(len(content)), blob.Put{})
		stored <- err
	}()
	for from := 0; from < len(content); from += 1 << 20 {
		if _, err := io.WriteString(rest, content[from:from+1<<20]); err != nil {
			t.Fatal(err)
		}
		put(t, s, fmt.Sprint(from), content)
	}
	rest.Close()
	if err := <-stored; err != nil {
		t.Fatal(err)
	}
	want := put(t, s, "again", content)
	if info, err := s.Stat(t.Context(), "slow"); err != nil || info.ETag != want.ETag || info.Size != want.Size {
		t.Errorf("it is %+v, %v; it was %+v", info, err, want)
	}
}
