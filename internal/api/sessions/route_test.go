package sessions_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/infra/stack"
	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/api/openapi"
	"griot/internal/api/sessions"
)

func endpoints() []api.Endpoint {
	return slices.DeleteFunc(stack.Endpoints(), func(ep api.Endpoint) bool { return strings.HasPrefix(ep.Path, "/api/") })
}

func TestRoutesAreThoseOfTheDocument(t *testing.T) {
	raw, err := openapi.JSON()
	ok(t, err)
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	ok(t, json.Unmarshal(raw, &doc))
	documented, served := map[string]bool{}, map[string]bool{}
	for path, item := range doc.Paths {
		for method := range item {
			if method != "parameters" {
				documented[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	names := map[string]bool{}
	for _, ep := range endpoints() {
		served[ep.Method+" "+ep.Path] = true
		if names[ep.Name] {
			t.Errorf("two endpoints are named %s", ep.Name)
		}
		names[ep.Name] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(served))); diff != "" {
		t.Errorf("document (-), routes (+): %s", diff)
	}
}

func TestOnlyWhatIsAboutTheServiceIsPublic(t *testing.T) {
	for _, ep := range endpoints() {
		public := ep.Path == "/livez" || ep.Path == "/health" || ep.Path == "/v1/openapi.json"
		if ep.Public != public {
			t.Errorf("%s: public is %v", ep.Name, ep.Public)
		}
	}
}

// Every route needs a key and a scope, but for what is said of the key's own
// limits; the refusal names the scope.
func TestScopes(t *testing.T) {
	w := newWorld(t, sessions.Streams{})
	_, mine := w.do(t, "GET", "/v1/projects", "")
	var projects struct {
		Data []struct {
			WorkspaceID string `json:"workspace_id"`
		}
	}
	ok(t, json.Unmarshal([]byte(mine), &projects))
	workspace := projects.Data[0].WorkspaceID
	reader, writer := w.key(t, workspace, access.SessionsRead), w.key(t, workspace, access.SessionsWrite)
	for _, ep := range endpoints() {
		if ep.Public || ep.Name == "usage-get" {
			continue
		}
		path := strings.ReplaceAll(ep.Path, "{id}", "ses_01HZXA0000000000000000000P")
		scope, without := access.SessionsRead, writer
		if ep.Method != http.MethodGet {
			scope, without = access.SessionsWrite, reader
		}
		body := `{"name":"x","size_bytes":1,"template":"open_exploration","title":"t","interviewee_email":"a@b.co","segments":[{"client_seq":0,"text":"x"}]}`
		status, answer := w.do(t, ep.Method, path, body, "Authorization", "Bearer "+without)
		if status != 403 || !strings.Contains(answer, "permission_denied") || !strings.Contains(answer, string(scope)) {
			t.Errorf("%s without %s: %d %s", ep.Name, scope, status, answer)
		}
		// Nor does it matter how well the question is put.
		if status, answer := w.do(t, ep.Method, path+"?nonsense=1", "[", "Authorization", "Bearer "+without); status != 403 {
			t.Errorf("%s without %s, badly put: %d %s", ep.Name, scope, status, answer)
		}
		if status, answer := w.do(t, ep.Method, path, body, "Authorization", ""); status != 401 {
			t.Errorf("%s without a key: %d %s", ep.Name, status, answer)
		}
		if status, answer := w.do(t, ep.Method, path, body); status >= 500 || status == 401 || status == 403 {
			t.Errorf("%s with every scope: %d %s", ep.Name, status, answer)
		}
	}
}

func TestARevokedKeyIsRefusedAtOnce(t *testing.T) {
	w := newWorld(t, sessions.Streams{})
	keyID, _, _ := strings.Cut(w.vars["KEY"], ".")
	if status, _ := w.do(t, "GET", "/v1/sessions", ""); status != 200 {
		t.Fatal(status)
	}
	_, err := w.dir.RevokeKey(t.Context(), keyID, access.DescendantsStay)
	ok(t, err)
	status, answer := w.do(t, "GET", "/v1/sessions", "")
	if status != 401 || !strings.Contains(answer, "invalid_credentials") {
		t.Errorf("%d %s", status, answer)
	}
}

// Twins that race have one effect and the same answer.
func TestConcurrentTwins(t *testing.T) {
	w := newWorld(t, sessions.Streams{})
	const twins = 8
	answers := make([]string, twins)
	var running sync.WaitGroup
	for i := range twins {
		running.Go(func() {
			status, answer := w.do(t, "POST", "/v1/sessions", newSession, "Idempotency-Key", "twins")
			if status != 201 {
				t.Errorf("%d %s", status, answer)
			}
			answers[i] = answer
		})
	}
	running.Wait()
	for _, answer := range answers {
		if answer != answers[0] {
			t.Errorf("%s, and %s", answers[0], answer)
		}
	}
	_, list := w.do(t, "GET", "/v1/sessions", "")
	if n := strings.Count(list, `"id":"ses_`); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

const newSession = `{"template":"open_exploration","title":"A title nobody may log","interviewee_email":"aria@acme.example"}`

// Logs have ids and numbers, never what was said or who, keys or signed URLs.
func TestLogsAreDiscreet(t *testing.T) {
	w := newWorld(t, sessions.Streams{Poll: time.Millisecond})
	id := w.create(t)
	w.append(t, id, 0, "words that were said")
	w.do(t, "GET", "/v1/sessions?cursor=secret-cursor", "")
	w.do(t, "POST", "/v1/sessions", `{"title":"A title nobody may log"`)
	w.do(t, "POST", "/v1/uploads", `{"size_bytes":1,"filename":"secret.vtt"}`, "Idempotency-Key", "secret-idempotency")
	w.do(t, "POST", "/v1/sessions/"+id+"/complete", "")
	w.do(t, "GET", "/v1/sessions/"+id+"/transcript?format=sse", "")
	w.do(t, "GET", "/v1/sessions/"+id+"/transcript", "", "Authorization", "Bearer cmk_live_0123456789abcdef.secret-key")
	log := w.log.String()
	_, secret, _ := strings.Cut(w.vars["KEY"], ".")
	for _, marker := range []string{"words", "title nobody", "acme", "secret", secret, "X-Amz", "signature", id} {
		if strings.Contains(log, marker) {
			t.Errorf("the log has %q", marker)
		}
	}
	for _, needed := range []string{"endpoint=sessions-create", `route=/v1/sessions/{id}/transcript`, "status=201", "workspace=ws_", "key=cmk_live_"} {
		if !strings.Contains(log, needed) {
			t.Errorf("the log lacks %q", needed)
		}
	}
}
