package access_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/table/bolt"
	"griot/internal/table/tabletest"
)

var start = time.Date(2026, 5, 18, 14, 0, 0, 123e6, time.UTC)

// hand is a clock that tests set.
type hand struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hand) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// open returns an empty directory and its clock.
func open(t testing.TB) (*access.Directory, *hand) {
	t.Helper()
	db, err := disk.Open(filepath.Join(t.TempDir(), "griot.db"), disk.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	clock := &hand{now: start}
	store, err := bolt.New(db, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return &access.Directory{Table: tabletest.NewContended(store, 0), Now: clock.Now}, clock
}

func workspace(t *testing.T, d *access.Directory, name string) (access.Workspace, access.Project) {
	t.Helper()
	ws, project, err := d.CreateWorkspace(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return ws, project
}

func key(t *testing.T, d *access.Directory, ws string, in access.KeyInput) (string, access.Key) {
	t.Helper()
	credential, k, err := d.CreateKey(t.Context(), ws, in)
	if err != nil {
		t.Fatal(err)
	}
	return credential, k
}

var every = []access.Scope{access.All}

func wantKind(t *testing.T, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Errorf("error %v, want kind %d", err, kind)
	}
}

func TestWorkspaces(t *testing.T) {
	d, clock := open(t)
	all, err := d.ListWorkspaces(t.Context())
	if len(all) != 0 || err != nil {
		t.Fatalf("before any: %v, %v", all, err)
	}
	var want []access.Workspace
	for i := range 103 { // more than one BatchGet
		ws, project, err := d.CreateWorkspace(t.Context(), "Acme "+strings.Repeat("x", i%90))
		if err != nil {
			t.Fatal(err)
		}
		if project.Workspace != ws.ID || ws.CreatedAt != clock.Now() {
			t.Fatalf("made %+v with %+v", ws, project)
		}
		want = append(want, ws)
		clock.advance(time.Millisecond)
	}
	all, err = d.ListWorkspaces(t.Context())
	if diff := cmp.Diff(want, all); diff != "" || err != nil {
		t.Errorf("ListWorkspaces: %v\n%s", err, diff)
	}
	got, err := d.Workspace(t.Context(), want[7].ID)
	if diff := cmp.Diff(want[7], got); diff != "" || err != nil {
		t.Errorf("Workspace: %v\n%s", err, diff)
	}
}

func TestWorkspaceUnknown(t *testing.T) {
	d, _ := open(t)
	for _, ws := range []string{"", "ws_", "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV", strings.Repeat("w", 5000)} {
		_, err := d.Workspace(t.Context(), ws)
		wantKind(t, err, errs.NotFound)
	}
}

func TestWorkspaceNames(t *testing.T) {
	d, _ := open(t)
	for name, code := range map[string]string{
		"": "required", "A": "too_short", strings.Repeat("ü", 101): "invalid",
		"a\x1b[2Jb": "invalid", "   ": "required", "a\xffb": "invalid",
	} {
		_, _, err := d.CreateWorkspace(t.Context(), name)
		e := errs.As(err)
		if e == nil || e.Kind != errs.InvalidArgument || e.Fields[0].Field != "name" || e.Fields[0].Code != code {
			t.Errorf("CreateWorkspace(%.20q): %v, want %s", name, err, code)
		}
	}
	for _, name := range []string{"ab", strings.Repeat("ü", 100), "O’Neill & Söhne"} {
		if _, _, err := d.CreateWorkspace(t.Context(), name); err != nil {
			t.Errorf("CreateWorkspace(%.20q): %v", name, err)
		}
	}
}
