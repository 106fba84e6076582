package access_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/fault"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// onFaults runs a test for each write of a method and each way in which it
// can fail. A collision or a throttled write is not noticed by the caller; a
// failure of the store is, whether or not the write took effect.
func onFaults(t *testing.T, writes int, test func(t *testing.T, d *access.Directory, try func(func() error) error)) {
	for n := 1; n <= writes; n++ {
		for _, kind := range tabletest.Faults {
			t.Run(fmt.Sprintf("%d %s", n, kind), func(t *testing.T) {
				d, _ := open(t)
				faulty := tabletest.NewFaulty(d.Table)
				d.Table = faulty
				test(t, d, func(fn func() error) error {
					faulty.FailNth(n, kind, nil)
					err := fn()
					faulty.Heal()
					if faulty.Fired() != 1 {
						t.Fatalf("%d writes failed, want 1", faulty.Fired())
					}
					if failed := kind == fault.Before || kind == fault.After; failed != errors.Is(err, fault.ErrInjected) || !failed && err != nil {
						t.Errorf("the call returned %v", err)
					}
					return err
				})
			})
		}
	}
}

func TestCreateWorkspaceFaults(t *testing.T) {
	onFaults(t, 2, func(t *testing.T, d *access.Directory, try func(func() error) error) {
		err := try(func() error {
			_, _, err := d.CreateWorkspace(t.Context(), "Acme")
			return err
		})
		all, listErr := d.ListWorkspaces(t.Context())
		if listErr != nil || len(all) > 1 || err == nil && len(all) == 0 {
			t.Fatalf("%d workspaces, %v", len(all), listErr)
		}
		for _, ws := range all {
			project, ok, err := d.SoleProject(t.Context(), ws.ID)
			if ws.Name != "Acme" || !ok || project.Workspace != ws.ID || err != nil {
				t.Errorf("half a workspace: %+v with %+v, %v", ws, project, err)
			}
		}
	})
}

func TestCreateProjectFaults(t *testing.T) {
	onFaults(t, 2, func(t *testing.T, d *access.Directory, try func(func() error) error) {
		p := caller("ws_01ARZ3NDEKTSV4RRFFQ69G5FAV", every...)
		c := claim(p.Workspace, "once", start)
		create := func() error {
			_, err := d.CreateProject(t.Context(), p, access.ProjectInput{Name: "Phoenix"}, c)
			return err
		}
		if try(create) != nil {
			// The client repeats its request, and finds the answer if there was
			// an effect.
			if _, known, err := c.Lookup(t.Context(), d.Table); err != nil {
				t.Fatal(err)
			} else if !known {
				if err := create(); err != nil {
					t.Fatal(err)
				}
			}
		}
		list, _, err := d.ListProjects(t.Context(), p, "", 10)
		if len(list) != 1 || err != nil {
			t.Fatalf("%d projects, %v", len(list), err)
		}
		answer, known, err := c.Lookup(t.Context(), d.Table)
		if want := fmt.Sprintf("%q", list[0].ID); string(answer.Body) != want || !known || err != nil {
			t.Errorf("stored answer %s, %v, %v, want %s", answer.Body, known, err, want)
		}
	})
}

func TestCreateKeyFaults(t *testing.T) {
	onFaults(t, 1, func(t *testing.T, d *access.Directory, try func(func() error) error) {
		ws, _ := workspace(t, d, "Acme")
		var credential string
		err := try(func() (err error) {
			credential, _, err = d.CreateKey(t.Context(), ws.ID, access.KeyInput{Scopes: every})
			return err
		})
		if err == nil {
			if _, err := d.Verify(t.Context(), credential); err != nil {
				t.Errorf("the key that was made: %v", err)
			}
		}
		keys, err := d.ListKeys(t.Context(), ws.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys { // also one that nobody got
			if _, err := d.RevokeKey(t.Context(), k.ID, access.DescendantsStay); err != nil {
				t.Errorf("revoking a listed key: %v", err)
			}
		}
	})
}

func TestRevokeKeyFaults(t *testing.T) {
	onFaults(t, 1, func(t *testing.T, d *access.Directory, try func(func() error) error) {
		ws, _ := workspace(t, d, "Acme")
		credential, k := key(t, d, ws.ID, access.KeyInput{Scopes: every})
		revoke := func() error {
			_, err := d.RevokeKey(t.Context(), k.ID, access.DescendantsStay)
			return err
		}
		if try(revoke) != nil {
			_, err := d.Verify(t.Context(), credential)
			keys, _ := d.ListKeys(t.Context(), ws.ID)
			if refused := errs.Is(err, errs.Unauthenticated); refused == keys[0].RevokedAt.IsZero() {
				t.Errorf("the key is refused: %v, but the list says %v", refused, keys[0].RevokedAt)
			}
			if err := revoke(); err != nil {
				t.Error(err)
			}
		}
		_, err := d.Verify(t.Context(), credential)
		wantKind(t, err, errs.Unauthenticated)
	})
}

// What stays busy is Unavailable, with nothing written.
func TestBusyIsUnavailable(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	faulty := tabletest.NewFaulty(d.Table)
	d.Table = faulty
	faulty.Fail(fault.Throttled, nil)
	_, _, err := d.CreateKey(t.Context(), ws.ID, access.KeyInput{Scopes: every})
	faulty.Heal()
	e := errs.As(err)
	if e == nil || e.Kind != errs.Unavailable || e.RetryAfter != time.Second || !errors.Is(err, table.ErrThrottled) {
		t.Errorf("error %v, want Unavailable", err)
	}
	keys, err := d.ListKeys(t.Context(), ws.ID)
	if len(keys) != 0 || err != nil {
		t.Errorf("afterwards: %+v, %v", keys, err)
	}
}

// A store that fails is no reason to call a key invalid.
func TestVerifyFault(t *testing.T) {
	d, _ := open(t)
	ws, _ := workspace(t, d, "Acme")
	credential, _ := key(t, d, ws.ID, access.KeyInput{Scopes: every})
	faulty := tabletest.NewFaulty(d.Table)
	d.Table = faulty
	faulty.Fail(fault.Before, func(c tabletest.Call) bool { return c.Method == "Get" })
	if _, err := d.Verify(t.Context(), credential); !errs.Is(err, errs.Unavailable) || !errors.Is(err, fault.ErrInjected) {
		t.Errorf("Verify on a broken store: %v, want its own error", err)
	}
}
