package conversations_test

import (
	"net/http"
	"strings"
	"testing"

	"griot/internal/access"
)

// A workspace that is to be deleted is read as before; whatever would change it,
// but for keeping it, is refused.
func TestAWorkspaceThatGoesIsReadOnly(t *testing.T) {
	w := newWorld(t)
	p, err := w.dir.Verify(t.Context(), w.vars["KEY"])
	ok(t, err)
	_, err = (access.Closings{Directory: w.dir}).Close(t.Context(), p)
	ok(t, err)
	scopes := map[string]access.Scope{}
	for _, ep := range endpoints() {
		scopes[ep.Name] = ep.Needs
	}
	for name, req := range requests(noConversation, noUUID, noName, noUUID, noKey) {
		if strings.HasPrefix(name, "users-me-deletion") {
			continue
		}
		got := w.do(t, req.method, req.path, req.body)
		writes := req.method != http.MethodGet && scopes[name].Writes()
		if refused := got.status == 403 && strings.Contains(got.body, `"code":"WORKSPACE_CLOSING"`); refused != writes {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	for _, step := range [][2]string{{"GET", "pending_deletion"}, {"DELETE", "none"}, {"GET", "none"}} {
		path := map[string]string{"GET": "/api/users/me", "DELETE": "/api/users/me/deletion"}[step[0]]
		if got := w.do(t, step[0], path, ""); !strings.Contains(got.body, `"deletionStatus":"`+step[1]+`"`) {
			t.Errorf("%s: %d %s", step, got.status, got.body)
		}
	}
	if got := w.do(t, "POST", "/api/conversations", `{"title":"t"}`); got.status != 201 {
		t.Errorf("kept, and %d %s", got.status, got.body)
	}
}
