package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
	"griot/internal/table"
	tablebolt "griot/internal/table/bolt"
)

// attempt runs a command and returns what it prints and its error.
func attempt(t *testing.T, data string, args ...string) (out string, err error) {
	t.Helper()
	var b bytes.Buffer
	err = run(t.Context(), append([]string{"-data", data}, args...), &b, &b)
	return b.String(), err
}

// furnished is a server with a session from a file, its conversation, and a
// live one that waits.
func furnished(t *testing.T, data string) (s *server, file, live string) {
	t.Helper()
	s = start(t, data)
	file = s.Upload(t, sample(t, "onboarding.md"))
	if status := s.Ended(t, file); status != "completed" {
		t.Fatalf("the session is %s", status)
	}
	live = s.Live(t)
	if status, body := s.page(live, 1); status != 200 {
		t.Fatalf("an append: %d %s", status, body)
	}
	await(t, s.finds)
	return s, file, live
}

// finds reports whether a search finds the file's words.
func (s *server) finds() bool {
	status, body := s.send("POST", "/api/conversations/search", `{"query":"biscuits"}`)
	return status == 200 && strings.Contains(body, "snippet")
}

// TestBackupWhileItRuns copies a server's data under writes and deletions, and
// serves the copy.
func TestBackupWhileItRuns(t *testing.T) {
	data, copies := t.TempDir(), t.TempDir()
	s, file, live := furnished(t, data)
	stop := make(chan struct{})
	var busy sync.WaitGroup
	for i := range 3 {
		busy.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				s.page(live, 100+1000*i+n)
				id := s.Upload(t, fmt.Sprintf("Ann: the word of %d and %d.", i, n))
				s.Ended(t, id)
				s.send("DELETE", "/v1/sessions/"+id, "")
			}
		})
	}
	var to string
	for round := range 4 {
		to = filepath.Join(copies, fmt.Sprint(round))
		out, err := attempt(t, data, "backup", to)
		if err != nil || !strings.Contains(out, "no findings") || !strings.Contains(out, "is a whole copy") {
			t.Fatalf("round %d: %v\n%s", round, err, out)
		}
	}
	close(stop)
	busy.Wait()
	ok(t, filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		ok(t, err)
		info, err := d.Info()
		ok(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", path, info.Mode())
		}
		return nil
	}))
	if _, err := attempt(t, data, "backup", to); err == nil || !strings.Contains(err.Error(), "nothing is overwritten") {
		t.Errorf("a second copy to the same place: %v", err)
	}
	document := s.Document(t, file)
	twin := start(t, to)
	if twin.env.First.Key != s.env.First.Key {
		t.Error("the copy has other keys")
	}
	if copied := twin.Document(t, file); strings.Join(copied, "\n") != strings.Join(document, "\n") {
		t.Errorf("the copy's transcript differs: %d of %d segments", len(copied), len(document))
	}
	for _, path := range []string{"/v1/sessions/" + file + "/extraction", "/v1/sessions/" + file} {
		_, want := s.send("GET", path, "")
		if status, got := twin.send("GET", path, ""); status != 200 || got != want {
			t.Errorf("GET %s on the copy: %d %s", path, status, got)
		}
	}
	if !twin.finds() {
		t.Error("a search in the copy finds nothing")
	}
	if status, body := twin.page(live, 90000); status != 200 {
		t.Errorf("a write to the copy: %d %s", status, body)
	}
}

func TestBackupWithoutServer(t *testing.T) {
	data := t.TempDir()
	s, file, _ := furnished(t, data)
	want := len(s.Document(t, file))
	ok(t, s.stop())
	to := filepath.Join(t.TempDir(), "copy")
	ok(t, os.Mkdir(to+incomplete, 0o700))
	if _, err := attempt(t, data, "backup", to); err == nil || !strings.Contains(err.Error(), "was cut off") {
		t.Errorf("beside the rest of another copy: %v", err)
	}
	if err := run(t.Context(), []string{"-data", to + incomplete}, &bytes.Buffer{}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "not finished") {
		t.Errorf("serving the rest of a copy: %v", err)
	}
	ok(t, os.Remove(to+incomplete))
	ok(t, os.Remove(secretPath(data))) // the copy has another one
	out, err := attempt(t, data, "backup", to)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := len(start(t, to).Document(t, file)); n != want {
		t.Errorf("the copy has %d of %d segments", n, want)
	}
}

// secretPath is the file of the secret that signs uploads.
func secretPath(data string) string { return filepath.Join(objectsPath(data), "upload.key") }

// TestCheck hurts a directory in every way that check looks for.
func TestCheck(t *testing.T) {
	whole := t.TempDir()
	s, _, _ := furnished(t, whole)
	if out, err := attempt(t, whole, "check"); err != nil || !strings.Contains(out, "no findings") {
		t.Fatalf("through the server: %v\n%s", err, out)
	}
	ok(t, s.stop())
	before, err := os.ReadFile(databasePath(whole))
	ok(t, err)
	if out, err := attempt(t, whole, "check"); err != nil || !strings.Contains(out, "no findings") {
		t.Fatalf("without a server: %v\n%s", err, out)
	}
	if after, err := os.ReadFile(databasePath(whole)); err != nil || !bytes.Equal(before, after) {
		t.Error("check changed the database")
	}
	for name, c := range map[string]struct {
		hurt func(t *testing.T, data string)
		says string
	}{
		"an object is gone": {func(t *testing.T, data string) { ok(t, os.Remove(object(t, data, "transcript.json@"))) }, "it is not there"},
		"an object is cut":  {func(t *testing.T, data string) { ok(t, os.Truncate(object(t, data, "extraction.json@"), 100)) }, "damaged"},
		"an object has another byte": {func(t *testing.T, data string) {
			path := object(t, data, "transcript.json@")
			b, err := os.ReadFile(path)
			ok(t, err)
			b[20] ^= 1
			ok(t, os.WriteFile(path, b, 0o600))
		}, "not what its checksum says"},
		"a row": {func(t *testing.T, data string) {
			change(t, data, func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte("table/sessions")).Put([]byte("\x00\x01ab"), []byte("?"))
			})
		}, "damaged or of a later version"},
		"an expiry": {func(t *testing.T, data string) {
			change(t, data, func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte("table/access/expiry")).Put([]byte("\x80\x00\x00\x00\x00\x00\x00\x01\x00\x01ab"), nil)
			})
		}, "list of expiring rows"},
		"a segment is gone": {func(t *testing.T, data string) {
			manifest(t, data, `{"segments":[{"key":"search/ws/1-x","size":10,"meta":5}]}`)
		}, "search fails"},
		"a manifest": {func(t *testing.T, data string) {
			manifest(t, data, `{"segments":[{"key":"search/ws/1-x","size":10,"meta":50}]}`)
		}, "search manifest"},
		"a message": {func(t *testing.T, data string) {
			change(t, data, func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte("queue/merge")).Bucket([]byte("dead")).Put([]byte("12345678"), nil)
			})
		}, "in a list and is not there"},
		"a table": {func(t *testing.T, data string) {
			change(t, data, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("table/access")) })
		}, "no table access"},
		"pages": {func(t *testing.T, data string) {
			b, err := os.ReadFile(databasePath(data))
			ok(t, err)
			for i := 8 * os.Getpagesize(); i < 12*os.Getpagesize(); i++ {
				b[i] = 0xa5
			}
			ok(t, os.WriteFile(databasePath(data), b, 0o600))
		}, "database: the data file is damaged"},
		"the secret of uploads is cut": {func(t *testing.T, data string) { ok(t, os.Truncate(secretPath(data), 10)) }, "upload.key does not hold"},
		"the database is no database":  {func(t *testing.T, data string) { ok(t, os.WriteFile(databasePath(data), []byte("hello\n"), 0o600)) }, "is damaged"},
		"the database is empty":        {func(t *testing.T, data string) { ok(t, os.Truncate(databasePath(data), 0)) }, "is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			ok(t, os.CopyFS(data, os.DirFS(whole)))
			c.hurt(t, data)
			out, err := attempt(t, data, "check")
			if err == nil || !strings.Contains(out, "finding: ") || !strings.Contains(out, "to do: ") || !strings.Contains(out, c.says) || strings.Contains(out, "goroutine") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// object is the file of one that ends so.
func object(t *testing.T, data, end string) string {
	t.Helper()
	for _, path := range files(t, objectsPath(data)) {
		if strings.HasSuffix(path, end) {
			return path
		}
	}
	t.Fatalf("no object ends in %s", end)
	return ""
}

func change(t *testing.T, data string, fn func(*bbolt.Tx) error) {
	t.Helper()
	db, err := disk.Open(databasePath(data), disk.Options{})
	ok(t, err)
	ok(t, errors.Join(db.Update(fn), db.Close()))
}

// manifest writes that of a workspace's search index.
func manifest(t *testing.T, data, text string) {
	t.Helper()
	db, err := disk.Open(databasePath(data), disk.Options{})
	ok(t, err)
	store, err := tablebolt.New(db, time.Now)
	ok(t, err)
	key := table.Key{Table: table.Conversations, PK: "ws#search", SK: "manifest"}
	_, err = store.Write(t.Context(), table.Put(key, table.Attrs{"rev": int64(1), "manifest": []byte(text)}))
	ok(t, errors.Join(err, db.Close()))
}

func TestCheckSaysWhereItCannot(t *testing.T) {
	for name, args := range map[string][]string{
		"no database": {"-data", t.TempDir(), "check"},
		"memory":      {"-data", nowhere, "check"},
		"a stack":     {"-stack", "prod", "backup", "x"},
		"no name":     {"-data", t.TempDir(), "backup"},
		"a name":      {"-data", t.TempDir(), "check", "x"},
	} {
		if err := run(t.Context(), args, &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	data := t.TempDir()
	start(t, data)
	ok(t, os.Remove(socketPath(data)))
	if _, err := attempt(t, data, "check"); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("a server without a socket: %v", err)
	}
}
