package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/disk/disktest"
)

func TestAuditFiles(t *testing.T) {
	dir := auditPath(t.TempDir())
	l := &auditLog{dir: dir}
	event := func(at string) {
		t.Helper()
		when, err := time.Parse(time.RFC3339, at)
		ok(t, err)
		ok(t, l.keep(t.Context(), when, []byte(at+"\n")))
	}
	want := func(names ...string) {
		t.Helper()
		got, err := auditFiles(dir)
		if diff := cmp.Diff(names, got); diff != "" || err != nil {
			t.Error(err, diff)
		}
	}
	event("2026-01-31T23:59:59Z")
	event("2026-02-01T02:00:00+03:00") // still January
	event("2026-02-01T00:00:00Z")
	want("2026-01.jsonl", "2026-02.jsonl")
	event("2027-01-31T00:00:00Z") // the last of January is not a year old
	want("2026-01.jsonl", "2026-02.jsonl", "2027-01.jsonl")
	event("2027-02-02T00:00:00Z")
	want("2026-02.jsonl", "2027-01.jsonl", "2027-02.jsonl")

	file := filepath.Join(dir, "2027-02.jsonl")
	ok(t, os.WriteFile(file, []byte("a line that was cut o"), 0o600))
	l = &auditLog{dir: dir} // after the crash
	event("2027-02-03T00:00:00Z")
	text, err := os.ReadFile(file)
	ok(t, err)
	if string(text) != "a line that was cut o\n2027-02-03T00:00:00Z\n" {
		t.Errorf("%q", text)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
}

// A disk that fills up within a line spoils that event and no other.
func TestAuditOfAFullDisk(t *testing.T) {
	if !disktest.Alone(t) {
		return
	}
	dir := auditPath(t.TempDir())
	l := &auditLog{dir: dir}
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	ok(t, l.keep(t.Context(), at, []byte("a key was made\n")))
	free := disktest.Full(t, 20)
	for range 2 {
		if err := l.keep(t.Context(), at, []byte("a key was deleted\n")); err == nil {
			t.Error("an event is kept on a full disk")
		}
	}
	free()
	ok(t, l.keep(t.Context(), at, []byte("a project was made\n")))
	text, err := os.ReadFile(filepath.Join(dir, "2026-03.jsonl"))
	ok(t, err)
	if string(text) != "a key was made\na key\na project was made\n" {
		t.Errorf("%q", text)
	}
}

// auditOf are the events in a data directory, by their actions.
func auditOf(t *testing.T, data string) map[string][]string {
	t.Helper()
	names, err := auditFiles(auditPath(data))
	ok(t, err)
	events := map[string][]string{}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(auditPath(data), name))
		ok(t, err)
		for line := range strings.Lines(string(text)) {
			var event struct{ Message, Action, Actor, Target, Timestamp string }
			if err := json.Unmarshal([]byte(line), &event); err != nil || event.Message != "audit" || event.Timestamp == "" {
				t.Errorf("%s: %v", line, err)
			}
			events[event.Action] = append(events[event.Action], event.Actor+" "+event.Target)
		}
	}
	return events
}

// TestAudit is of a server's changes, by a client, by the operator through the
// socket and by the operator without a server; a copy has them too.
func TestAudit(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
	me, secret, _ := strings.Cut(s.env.First.Key, ".")
	made := s.Call(t, "POST", "/api/apikeys", map[string]any{"label": "mia@example.com"}, 201)["data"].(map[string]any)
	key := made["keyInfo"].(map[string]any)["id"].(string)
	session := s.Live(t)
	s.Call(t, "DELETE", "/v1/sessions/"+session, nil, 202)
	if _, err := attempt(t, data, "keys", "revoke", key); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if _, err := attempt(t, data, "backup", copied); err != nil {
		t.Fatal(err)
	}
	ok(t, s.stop())
	if _, err := attempt(t, data, "workspaces", "create", "The third of Mia"); err != nil {
		t.Fatal(err)
	}
	got := auditOf(t, data)
	for action, want := range map[string]string{
		"key.created": me + " " + key, "session.deleted": me + " " + session, "key.deleted": "operator " + key,
	} {
		if !slices.Contains(got[action], want) {
			t.Errorf("%s %s is not among %v", action, want, got)
		}
	}
	if n := len(got["workspace.created"]); n != 3 {
		t.Errorf("%d workspaces were made", n)
	}
	ofCopy := auditOf(t, copied)
	delete(got, "workspace.created")
	delete(ofCopy, "workspace.created")
	if diff := cmp.Diff(got, ofCopy); diff != "" {
		t.Error(diff)
	}
	for _, name := range files(t, auditPath(data)) {
		text, err := os.ReadFile(name)
		ok(t, err)
		for _, word := range []string{secret, "mia@", "Mia"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s has %q", name, word)
			}
		}
	}
}
