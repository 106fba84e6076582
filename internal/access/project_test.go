package access_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/idempotency"
)

func caller(ws string, scopes ...access.Scope) access.Principal {
	return access.Principal{Workspace: ws, KeyID: "cmk_live_0000000000000000", Scopes: scopes}
}

func TestSoleProject(t *testing.T) {
	d, _ := open(t)
	ws, first := workspace(t, d, "Acme")
	workspace(t, d, "Other")
	got, ok, err := d.SoleProject(t.Context(), ws.ID)
	if diff := cmp.Diff(first, got); diff != "" || !ok || err != nil {
		t.Errorf("one project: %v, %v\n%s", ok, err, diff)
	}
	if _, err := d.CreateProject(t.Context(), caller(ws.ID, every...), access.ProjectInput{Name: "More"}, nil); err != nil {
		t.Fatal(err)
	}
	got, ok, err = d.SoleProject(t.Context(), ws.ID)
	if ok || err != nil || got != (access.Project{}) {
		t.Errorf("two projects: %+v, %v, %v", got, ok, err)
	}
	if _, ok, err := d.SoleProject(t.Context(), "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV"); ok || err != nil {
		t.Errorf("no workspace: %v, %v", ok, err)
	}
}

// The records of idempotency lie in the partition of the projects; they are
// no projects.
func TestRecordsAreNoProjects(t *testing.T) {
	d, _ := open(t)
	p := caller("ws_01ARZ3NDEKTSV4RRFFQ69G5FAV", every...)
	made, err := d.CreateProject(t.Context(), p, access.ProjectInput{Name: "Only"}, claim(p.Workspace, "k", start))
	if err != nil {
		t.Fatal(err)
	}
	got, ok, err := d.SoleProject(t.Context(), p.Workspace)
	if got != made || !ok || err != nil {
		t.Errorf("SoleProject: %+v, %v, %v", got, ok, err)
	}
	list, next, err := d.ListProjects(t.Context(), p, "", 1)
	if len(list) != 1 || next != "" || err != nil {
		t.Errorf("ListProjects: %+v, %q, %v", list, next, err)
	}
}

func TestListProjects(t *testing.T) {
	d, clock := open(t)
	ws, first := workspace(t, d, "Acme")
	p := caller(ws.ID, every...)
	want := []access.Project{first}
	for i := range 6 {
		if i == 3 {
			clock.advance(-time.Hour) // ids keep their order
		}
		project, err := d.CreateProject(t.Context(), p, access.ProjectInput{Name: fmt.Sprint("Project ", i)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, project)
	}
	slices.Reverse(want)
	for limit := 1; limit <= 8; limit++ {
		var got []access.Project
		cursor := ""
		for {
			page, next, err := d.ListProjects(t.Context(), p, cursor, limit)
			if err != nil || len(page) == 0 || len(page) > limit {
				t.Fatalf("limit %d: page of %d, %v", limit, len(page), err)
			}
			got = append(got, page...)
			if next == "" {
				break
			}
			cursor = next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("limit %d:\n%s", limit, diff)
		}
	}
}

func TestListProjectsCursor(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	other, _ := workspace(t, d, "Other")
	if _, err := d.CreateProject(t.Context(), caller(ws.ID, every...), access.ProjectInput{Name: "Second"}, nil); err != nil {
		t.Fatal(err)
	}
	_, next, err := d.ListProjects(t.Context(), caller(ws.ID, access.SessionsRead), "", 1)
	if next == "" || err != nil {
		t.Fatalf("next %q, %v", next, err)
	}
	for _, c := range []struct{ ws, cursor string }{{other.ID, next}, {ws.ID, "x"}, {ws.ID, next + "x"}} {
		_, _, err := d.ListProjects(t.Context(), caller(c.ws, every...), c.cursor, 1)
		wantKind(t, err, errs.Malformed)
	}
}

func TestProjectScopesAndTenants(t *testing.T) {
	d, _ := open(t)
	ws, project := workspace(t, d, "Acme")
	other, _ := workspace(t, d, "Other")
	_, err := d.CreateProject(t.Context(), caller(ws.ID, access.SessionsRead), access.ProjectInput{Name: "No"}, nil)
	wantKind(t, err, errs.PermissionDenied)
	_, _, err = d.ListProjects(t.Context(), caller(ws.ID, access.SessionsWrite), "", 10)
	wantKind(t, err, errs.PermissionDenied)
	got, err := d.Project(t.Context(), ws.ID, project.ID)
	if got != project || err != nil {
		t.Errorf("Project: %+v, %v", got, err)
	}
	for _, id := range []string{project.ID, "", "prj_x", strings.ToLower(project.ID), strings.Repeat("p", 5000)} {
		_, err := d.Project(t.Context(), other.ID, id)
		wantKind(t, err, errs.NotFound)
	}
}

func TestProjectNames(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	for name, code := range map[string]string{"": "required", strings.Repeat("é", 101): "too_long", "a\nb": "invalid", " ": "required"} {
		_, err := d.CreateProject(t.Context(), caller(ws.ID, every...), access.ProjectInput{Name: name}, nil)
		e := errs.As(err)
		if e == nil || e.Kind != errs.InvalidArgument || e.Fields[0].Field != "name" || e.Fields[0].Code != code {
			t.Errorf("CreateProject(%.10q): %v, want %s", name, err, code)
		}
	}
	if _, err := d.CreateProject(t.Context(), caller(ws.ID, every...), access.ProjectInput{Name: strings.Repeat("é", 100)}, nil); err != nil {
		t.Error(err)
	}
}

func TestRetention(t *testing.T) {
	d, _ := open(t)
	ws, project := workspace(t, d, "Acme")
	for _, days := range []int64{30, 0} {
		if err := d.SetRetention(t.Context(), ws.ID, project.ID, days); err != nil {
			t.Fatal(err)
		}
		got, err := d.Project(t.Context(), ws.ID, project.ID)
		if got.RetentionDays != days || got.Name != project.Name || err != nil {
			t.Errorf("after SetRetention(%d): %+v, %v", days, got, err)
		}
	}
	wantKind(t, d.SetRetention(t.Context(), ws.ID, project.ID, -1), errs.InvalidArgument)
	wantKind(t, d.SetRetention(t.Context(), ws.ID, "prj_01ARZ3NDEKTSV4RRFFQ69G5FAV", 1), errs.NotFound)
}

func claim(ws, key string, now time.Time) *idempotency.Claim {
	r := idempotency.Request{Workspace: ws, KeyID: "k", Method: "POST", Path: "/v1/projects", Key: key, Body: []byte("{}")}
	return idempotency.New(r, now, func(result any) (idempotency.Answer, error) {
		body, err := json.Marshal(result.(access.Project).ID)
		return idempotency.Answer{Status: 201, Body: body}, err
	})
}

// Twins with one Idempotency-Key make one project; the loser finds the
// winner's answer.
func TestCreateProjectTwins(t *testing.T) {
	d, _ := open(t)
	p := caller("ws_01ARZ3NDEKTSV4RRFFQ69G5FAV", every...)
	var wg sync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		wg.Go(func() {
			c := claim(p.Workspace, "once", start)
			project, err := d.CreateProject(t.Context(), p, access.ProjectInput{Name: "Twin"}, c)
			if err == nil {
				answers[i] = fmt.Sprintf("%q", project.ID)
				return
			}
			answer, ok, err := c.Taken(err)
			if !ok || err != nil {
				t.Errorf("the loser got %v, %v", ok, err)
			}
			answers[i] = string(answer.Body)
		})
	}
	wg.Wait()
	list, _, err := d.ListProjects(t.Context(), p, "", 10)
	if len(list) != 1 || err != nil {
		t.Fatalf("%d projects were made, %v", len(list), err)
	}
	for _, a := range answers {
		if a != fmt.Sprintf("%q", list[0].ID) {
			t.Errorf("answer %s, want the id %s", a, list[0].ID)
		}
	}
}
