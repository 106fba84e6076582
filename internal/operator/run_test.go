package operator

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/table/bolt"
)

var start = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

func open(t *testing.T) *access.Directory {
	t.Helper()
	db, err := disk.Open(filepath.Join(t.TempDir(), "griot.db"), disk.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	now := func() time.Time { return start }
	store, err := bolt.New(db, now)
	if err != nil {
		t.Fatal(err)
	}
	return &access.Directory{Table: store, Now: now}
}

// run returns what a command prints.
func run(t *testing.T, dir *access.Directory, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := Run(t.Context(), Desk{Access: dir}, args, &out); err != nil {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return out.String()
}

// fields returns the JSON object that a command prints.
func fields(t *testing.T, dir *access.Directory, args ...string) map[string]any {
	t.Helper()
	var v map[string]any
	text := run(t, dir, append(args, "-json")...)
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s printed %s: %v", strings.Join(args, " "), text, err)
	}
	return v
}

func wantLine(t *testing.T, text, pattern string) {
	t.Helper()
	if !regexp.MustCompile(`(?m)^` + pattern + `$`).MatchString(text) {
		t.Errorf("no line like %s in:\n%s", pattern, text)
	}
}

func TestKeys(t *testing.T) {
	dir := open(t)
	run(t, dir, "workspaces", "create", "Acme")
	text := run(t, dir, "keys", "create", "-label", "my laptop", "-scopes", "sessions:read, sessions:write", "-expires", "720h")
	wantLine(t, text, `key +cmk_live_[a-z0-9]{16}\.[A-Za-z0-9]{32}`)
	wantLine(t, text, `label +my laptop`)
	wantLine(t, text, `scopes +sessions:read,sessions:write`)
	wantLine(t, text, `expires +2026-06-17T14:00:00Z`)

	made := fields(t, dir, "keys", "create", "-family", "mk_test")
	p, err := dir.Verify(t.Context(), made["key"].(string))
	if err != nil || p.Require(access.APIKeysManage) != nil {
		t.Fatalf("the key that was printed: %+v, %v", p, err)
	}
	id := made["id"].(string)
	list := run(t, dir, "keys", "list")
	wantLine(t, list, `cmk_live_\S+ +my laptop +sessions:read,sessions:write +2026-05-18T14:00:00Z +operator +never +2026-06-17T14:00:00Z +no`)
	wantLine(t, list, id+` +\* +2026-05-18T14:00:00Z +operator +never +never +no`)
	if strings.Contains(list, ".") {
		t.Errorf("the list shows a secret:\n%s", list)
	}

	for _, name := range []string{id, made["key"].(string)} { // again, and by the whole key
		wantLine(t, run(t, dir, "keys", "revoke", name), `revoked `+id)
	}
	_, err = dir.Verify(t.Context(), made["key"].(string))
	if !errs.Is(err, errs.Unauthenticated) {
		t.Errorf("after revoke: %v", err)
	}
	wantLine(t, run(t, dir, "keys", "list"), id+` .* 2026-05-18T14:00:00Z`)
}

func TestKeysThatComeFromAKey(t *testing.T) {
	dir := open(t)
	run(t, dir, "workspaces", "create", "Acme")
	made := fields(t, dir, "keys", "create")
	parent := made["id"].(string)
	p, err := dir.Admit(t.Context(), made["key"].(string))
	if err != nil {
		t.Fatal(err)
	}
	var children []string
	for range 2 {
		k, err := dir.IssueKey(t.Context(), p, access.KeyInput{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		children = append(children, k.ID)
	}
	list := run(t, dir, "keys", "list")
	wantLine(t, list, parent+` .* +operator +2026-05-18T14:00:00Z +never +no`)
	wantLine(t, list, children[0]+` .* +`+parent+` +never +never +no`)

	wantLine(t, run(t, dir, "keys", "revoke", children[0]), `revoked `+children[0])
	wantLine(t, run(t, dir, "keys", "revoke", parent), `It leaves 1 descendants: again with -descendants revokes those\.`)
	wantLine(t, run(t, dir, "keys", "list"), children[1]+` .* +operator +never +never +no`)
	wantLine(t, run(t, dir, "keys", "revoke", "-descendants", parent), `and its descendants: 1`)
	wantLine(t, run(t, dir, "keys", "list"), children[1]+` .* +never +never +2026-05-18T14:00:00Z`)
	got := fields(t, dir, "keys", "revoke", "-descendants", parent)
	if got["revoked"] != true || got["descendants"] != 0.0 || got["descendants_revoked"] != true {
		t.Errorf("again: %v", got)
	}
}

func TestWorkspacesAndProjects(t *testing.T) {
	dir := open(t)
	wantLine(t, run(t, dir, "workspaces", "list"), `ID +NAME +CREATED`)
	made := fields(t, dir, "workspaces", "create", "Acme")
	ws, first := made["id"].(string), made["project_id"].(string)
	wantLine(t, run(t, dir, "workspaces", "list"), ws+` +Acme +2026-05-18T14:00:00Z`)

	second := fields(t, dir, "projects", "create", "Field notes", "-workspace", ws)["id"].(string)
	run(t, dir, "projects", "retention", second, "30")
	list := run(t, dir, "projects", "list")
	wantLine(t, list, first+` +Default +\S+ +default`)
	wantLine(t, list, second+` +Field notes +\S+ +30 days`)
}

func TestJSONLists(t *testing.T) {
	dir := open(t)
	if got := run(t, dir, "workspaces", "list", "-json"); got != "[]\n" {
		t.Errorf("an empty list is %q", got)
	}
	run(t, dir, "workspaces", "create", "Acme & Söhne")
	run(t, dir, "keys", "create")
	for _, noun := range []string{"workspaces", "projects", "keys"} {
		var v []map[string]any
		text := run(t, dir, noun, "list", "-json")
		if err := json.Unmarshal([]byte(text), &v); err != nil || len(v) != 1 || v[0]["id"] == nil {
			t.Errorf("%s list -json printed %s", noun, text)
		}
		if noun == "keys" && (v[0]["expires_at"] != nil || v[0]["key"] != nil || v[0]["created_at"] != "2026-05-18T14:00:00Z") {
			t.Errorf("keys list -json printed %s", text)
		}
	}
}

func TestWhichWorkspace(t *testing.T) {
	dir := open(t)
	err := Run(t.Context(), Desk{Access: dir}, []string{"keys", "create"}, &bytes.Buffer{})
	wantUsage(t, err, "workspaces create")
	run(t, dir, "workspaces", "create", "Acme")
	other := fields(t, dir, "workspaces", "create", "Other")["id"].(string)
	for _, args := range [][]string{{"keys", "create"}, {"keys", "list"}, {"projects", "list"}, {"projects", "create", "x"}} {
		wantUsage(t, Run(t.Context(), Desk{Access: dir}, args, &bytes.Buffer{}), other)
		run(t, dir, append(args, "-workspace", other)...)
	}
	err = Run(t.Context(), Desk{Access: dir}, []string{"keys", "list", "-workspace", "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV"}, &bytes.Buffer{})
	if !errs.Is(err, errs.NotFound) {
		t.Errorf("unknown workspace: %v", err)
	}
}

func wantUsage(t *testing.T, err error, part string) {
	t.Helper()
	var usage *UsageError
	if !errors.As(err, &usage) || !strings.Contains(usage.Text, part) {
		t.Errorf("error %v, want a UsageError that says %q", err, part)
	}
}

func TestUsageErrors(t *testing.T) {
	dir := open(t)
	run(t, dir, "workspaces", "create", "Acme")
	tests := []struct{ args, part string }{
		{"", "keys create"},
		{"keys", "keys revoke"},
		{"keys destroy", `"keys destroy"`},
		{"things list", "workspaces create NAME"},
		{"keys revoke", "wants 1 plain arguments, got 0"},
		{"keys list now", "wants 0 plain arguments, got 1"},
		{"workspaces create Acme Inc", "wants 1 plain arguments, got 2"},
		{"keys create -colour red", "-colour"},
		{"keys create -expires soon", "expires"},
		{"keys create -expires -1h", "positive"},
		{"projects retention prj_1 long", "whole number"},
	}
	for _, tt := range tests {
		var out bytes.Buffer
		wantUsage(t, Run(t.Context(), Desk{Access: dir}, strings.Fields(tt.args), &out), tt.part)
		if out.Len() > 0 {
			t.Errorf("%q printed %q", tt.args, out.String())
		}
	}
	for args, code := range map[string]string{"keys create -scopes ,": "required", "keys create -scopes all": "invalid", "workspaces create A": "too_short"} {
		e := errs.As(Run(t.Context(), Desk{Access: dir}, strings.Fields(args), &bytes.Buffer{}))
		if e == nil || e.Fields[0].Code != code {
			t.Errorf("%q: %v, want %s", args, e, code)
		}
	}
}

func TestHelp(t *testing.T) {
	dir := open(t)
	for args, want := range map[string]int{"help": len(commands), "keys -h": 3, "keys help": 3, "keys create -h": 1, "projects --help": 3} {
		text := run(t, dir, strings.Fields(args)...)
		if got := strings.Count(text, "        "); got != want {
			t.Errorf("%q shows %d commands, want %d:\n%s", args, got, want, text)
		}
	}
}
