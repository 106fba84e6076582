package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"griot/infra/tenancy"
	"griot/internal/disk/disktest"
)

// page is so long that a database which may not grow has no room for many.
func (s *server) page(id string, seq int) (status int, body string) {
	return s.send("POST", "/v1/sessions/"+id+"/segments",
		fmt.Sprintf(`{"segments":[{"client_seq":%d,"text":"Number %d. %s"}]}`, seq, seq, strings.Repeat("x", 9000)))
}

func (s *server) send(method, path, body string) (status int, answer string) {
	req, err := http.NewRequest(method, s.Base+path, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("Authorization", "Bearer "+s.env.First.Key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// fill appends until the disk refuses, and returns how much was acknowledged.
func (s *server) fill(t *testing.T, id string, from int) (acked int) {
	t.Helper()
	for n := 0; n < 2000; n++ {
		switch status, body := s.page(id, from+n); status {
		case 200:
			acked++
		case 507:
			if !strings.Contains(body, "insufficient_storage") || !strings.Contains(body, "the server's disk") && !strings.Contains(body, "the server may make its files no larger") {
				t.Errorf("a full disk says %s", body)
			}
			return acked
		default:
			t.Fatalf("append %d: %d %s", n, status, body)
		}
	}
	t.Fatal("the disk is never full")
	return 0
}

// reads wants every kind of read to work on a full disk.
func (s *server) reads(t *testing.T, id string, want int) {
	t.Helper()
	for _, path := range []string{
		"/v1/sessions", "/v1/sessions/" + id, "/v1/projects",
		"/api/conversations", "/api/memories", "/api/users/me", "/api/apikeys",
	} {
		if status, body := s.send("GET", path, ""); status != 200 {
			t.Errorf("GET %s on a full disk: %d %s", path, status, body)
		}
	}
	if status, body := s.send("POST", "/api/conversations/search", `{"query":"number"}`); status != 200 {
		t.Errorf("a search on a full disk: %d %s", status, body)
	}
	if n := len(s.Document(t, id)); n != want {
		t.Errorf("%d segments are there, %d were acknowledged", n, want)
	}
}

func (s *server) health(t *testing.T) string {
	t.Helper()
	status, body := s.send("GET", "/health", "")
	if status != 200 {
		t.Errorf("health: %d %s", status, body)
	}
	return body
}

// TestFullDisk fills the disk under the server: writes are refused in both
// dialects, reads go on, also after a restart, and writes work again as soon
// as there is room.
func TestFullDisk(t *testing.T) {
	if !disktest.Alone(t) {
		return
	}
	data := t.TempDir()
	s := start(t, data)
	id := s.Live(t)
	up := s.Call(t, "POST", "/v1/uploads", map[string]any{"size_bytes": 1 << 20}, 201)
	free := disktest.Full(t, 64<<10)
	acked := s.fill(t, id, 0)
	s.reads(t, id, acked)
	if status, body := s.send("POST", "/api/memories", `{"content":"`+strings.Repeat("word ", 9000)+`"}`); status != 507 || !strings.Contains(body, `"INSUFFICIENT_STORAGE"`) {
		t.Errorf("a memory on a full disk: %d %s", status, body)
	}
	if body := s.health(t); !strings.Contains(body, `"status":"degraded"`) || !strings.Contains(body, `"disk":{"status":"down"`) {
		t.Errorf("health on a full disk: %s", body)
	}
	if status, body := s.put(t, up); status != 507 || !strings.Contains(body, "InsufficientStorage") {
		t.Errorf("an upload to a full disk: %d %s", status, body)
	}
	if left := files(t, filepath.Join(data, "objects")); len(left) != 1 { // the key that signs
		t.Errorf("an upload that was refused left %v", left)
	}
	ok(t, s.stop())
	s = start(t, data)
	s.reads(t, id, acked)
	free()
	await(t, func() bool { return strings.Contains(s.health(t), `"status":"healthy"`) })
	if status, body := s.put(t, up); status != 200 {
		t.Errorf("the upload after there is room: %d %s", status, body)
	}
	if status, body := s.page(id, 5000); status != 200 {
		t.Errorf("an append after there is room: %d %s", status, body)
	}
	s.reads(t, id, acked+1)
	s.Call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	if status := s.Ended(t, id); status != "completed" { // the workers are at it again
		t.Errorf("the session is %s", status)
	}
}

// put sends an upload of 1 MB to where it was signed, by this server or the one
// before it.
func (s *server) put(t *testing.T, up map[string]any) (status int, body string) {
	t.Helper()
	_, path, _ := strings.Cut(up["upload_url"].(string), "/uploads/")
	path = "/uploads/" + path
	req, err := http.NewRequest(http.MethodPut, s.Base+path, bytes.NewReader(make([]byte, 1<<20)))
	ok(t, err)
	req.Header.Set("If-None-Match", "*")
	resp, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	ok(t, err)
	return resp.StatusCode, string(b)
}

// files are all files below a directory.
func files(t *testing.T, root string) (found []string) {
	t.Helper()
	ok(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, path)
		}
		return err
	}))
	return found
}

// TestDamagedData wants one sentence and the files as they were.
func TestDamagedData(t *testing.T) {
	whole := t.TempDir()
	s := start(t, whole)
	for range 20 {
		s.Live(t)
	}
	ok(t, s.stop())
	db, err := os.ReadFile(databasePath(whole))
	ok(t, err)
	env, err := os.ReadFile(tenancy.Path(whole))
	ok(t, err)
	other := t.TempDir()
	ok(t, start(t, other).stop())
	foreign, err := os.ReadFile(databasePath(other))
	ok(t, err)
	page := os.Getpagesize()
	for name, c := range map[string]struct {
		db   []byte // nil: none
		says string
	}{
		"gone":        {nil, "is gone"},
		"empty":       {[]byte{}, "is empty"},
		"text":        {[]byte("hello\n"), "is damaged"},
		"zeroed meta": {append(make([]byte, 2*page), db[2*page:]...), "is damaged"},
		"cut":         {db[:6*page], "is damaged: it was cut"},
		"pages":       {append(bytes.Clone(db[:2*page]), bytes.Repeat([]byte{0x5a}, len(db)-2*page)...), "is damaged"},
		"another's":   {foreign, "does not have"},
	} {
		data := t.TempDir()
		ok(t, os.WriteFile(tenancy.Path(data), env, 0o600))
		if c.db != nil {
			ok(t, os.WriteFile(databasePath(data), c.db, 0o600))
		}
		err := run(t.Context(), []string{"-addr", "127.0.0.1:0", "-data", data}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "othing was changed") || strings.Contains(err.Error(), "goroutine") {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(databasePath(data)); c.db != nil && (err != nil || !bytes.Equal(after, c.db)) && name != "another's" {
			t.Errorf("%s: the database was changed (%v)", name, err)
		}
		if after, err := os.ReadFile(tenancy.Path(data)); err != nil || !bytes.Equal(after, env) {
			t.Errorf("%s: the env file was changed (%v)", name, err)
		}
	}
}

// A damaged secret of uploads is no reason to give the data up.
func TestDamagedSecret(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
	id := s.Live(t)
	ok(t, s.stop())
	ok(t, os.WriteFile(secretPath(data), nil, 0o600))
	err := run(t.Context(), []string{"-addr", "127.0.0.1:0", "-data", data}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "othing was changed") || !strings.Contains(err.Error(), "remove the file") {
		t.Errorf("starting with an empty secret: %v", err)
	}
	ok(t, os.Remove(secretPath(data))) // as it says
	start(t, data).Call(t, "GET", "/v1/sessions/"+id, nil, 200)
}
