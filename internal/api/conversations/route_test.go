package conversations_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/infra/stack"
	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/api/openapi"
)

func endpoints() []api.Endpoint {
	return slices.DeleteFunc(stack.Endpoints(), func(ep api.Endpoint) bool { return !strings.HasPrefix(ep.Path, "/api/") })
}

func TestRoutesAreThoseOfTheDocument(t *testing.T) {
	raw, err := openapi.ConversationsJSON()
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
		if public := ep.Path == "/api/openapi.json"; ep.Public != public {
			t.Errorf("%s: public is %v", ep.Name, ep.Public)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(served))); diff != "" {
		t.Errorf("document (-), routes (+): %s", diff)
	}
}

// requests are one request for each route, with ids that fit its path.
func requests(conversationID, memoryID, name, topicID, keyID string) map[string]struct{ method, path, body string } {
	content := `{"conversationId":"` + conversationID + `","content":"x"}`
	ids := `{"ids":["` + memoryID + `"],"confirmDeletion":true}`
	return map[string]struct{ method, path, body string }{
		"conversations-list":     {"GET", "/api/conversations?limit=5", ""},
		"conversations-create":   {"POST", "/api/conversations", `{"title":"t"}`},
		"conversations-get":      {"GET", "/api/conversations/" + conversationID, ""},
		"conversations-timeline": {"GET", "/api/conversations/" + conversationID + "/timeline", ""},
		"conversations-by-topic": {"POST", "/api/conversations/by-topic", `{"topicId":"` + topicID + `"}`},
		"conversations-search":   {"POST", "/api/conversations/search", `{"query":"numbat"}`},
		"conversations-rename":   {"PATCH", "/api/conversations/" + conversationID, `{"title":"s"}`},
		"conversations-delete":   {"DELETE", "/api/conversations/" + conversationID, ""},
		"memories-create":        {"POST", "/api/memories", content},
		"memories-list":          {"GET", "/api/memories?conversationId=" + conversationID, ""},
		"memories-get":           {"GET", "/api/memories/" + memoryID, ""},
		"memories-update":        {"PUT", "/api/memories/" + memoryID, `{"content":"y"}`},
		"memories-search":        {"POST", "/api/memories/search", `{"query":"numbat","conversationId":"` + conversationID + `"}`},
		"memories-search-get":    {"GET", "/api/memories/search?q=numbat&conversationId=" + conversationID, ""},
		"memories-batch":         {"POST", "/api/memories/batch", ids},
		"memories-siblings":      {"GET", "/api/memories/" + memoryID + "/conversation-memories", ""},
		"memories-named-get":     {"GET", "/api/memories/named/" + name, ""},
		"memories-named-update":  {"PUT", "/api/memories/named/" + name, `{"content":"z"}`},
		"memories-bulk-update":   {"POST", "/api/memories/bulk-update", `{"ids":["` + memoryID + `"],"updates":{"topics":["taken"]}}`},
		"memories-bulk-tag":      {"POST", "/api/memories/bulk-tag", `{"ids":["` + memoryID + `"],"addTopics":["taken"]}`},
		"memories-stats":         {"GET", "/api/memories/stats?groupBy=topic", ""},
		"memories-similar":       {"GET", "/api/memories/" + memoryID + "/similar", ""},
		"memories-related":       {"GET", "/api/memories/" + memoryID + "/related", ""},
		"memories-timeline":      {"GET", "/api/memories/" + memoryID + "/timeline", ""},
		"memories-build-context": {"POST", "/api/memories/build-context", `{"context":"what is ours"}`},
		"commit-context-create":  {"POST", "/api/commit-context", `{"git":{"sha":"0a1b2c3","message":"m"}}`},
		"memories-named-append":  {"POST", "/api/memories/named/" + name + "/append", `{"block":"more"}`},
		"memories-named-history": {"GET", "/api/memories/named/" + name + "/history", ""},
		"memories-delete":        {"DELETE", "/api/memories/" + memoryID, ""},
		"memories-bulk-delete":   {"DELETE", "/api/memories/bulk", ids},
		"topics-list":            {"GET", "/api/topics", ""},
		"topics-get":             {"GET", "/api/topics/" + topicID, ""},
		"topics-search":          {"POST", "/api/topics/search", `{"query":"ours"}`},
		"topics-similar":         {"POST", "/api/topics/similar", `{"topicId":"` + topicID + `"}`},
		"topics-related":         {"POST", "/api/topics/discover-related", `{"topicId":"` + topicID + `"}`},
		"topics-merge":           {"POST", "/api/topics/merge", `{"sourceTopicId":"` + topicID + `","targetTopicId":"none"}`},
		"apikeys-list":           {"GET", "/api/apikeys", ""},
		"apikeys-create":         {"POST", "/api/apikeys", `{"label":"l"}`},
		"apikeys-delete":         {"DELETE", "/api/apikeys/" + keyID, ""},
		"apikeys-debug-user":     {"GET", "/api/apikeys/debug-user", ""},
		"system-feature-flags":   {"GET", "/api/system/feature-flags", ""},
		"alerts-active":          {"GET", "/api/alerts/active", ""},
		"invites-gate-status":    {"GET", "/api/invites/gate-status", ""},
		"users-me":               {"GET", "/api/users/me", ""},
		"system-health":          {"GET", "/api/system/health", ""},
		"users-me-usage":         {"GET", "/api/users/me/usage", ""},
		"users-me-export":        {"GET", "/api/users/me/export", ""},
		"users-me-import":        {"POST", "/api/users/me/import", `{"memories":[{"id":"` + memoryID + `","conversationId":"` + conversationID + `","content":"x","createdAt":"2026-01-01"}]}`},

		"memories-relationships-list":   {"GET", "/api/memories/" + memoryID + "/relationships", ""},
		"memories-relationships-create": {"POST", "/api/memories/" + memoryID + "/relationships", `{"targetMemoryId":"11111111-0000-4000-8000-000000000000","type":"FOLLOWS"}`},
		"memories-relationships-delete": {"DELETE", "/api/memories/" + memoryID + "/relationships/" + noUUID, ""},

		"users-me-deletion-start":  {"POST", "/api/users/me/deletion", `{"confirmationEmail":"nobody@x.example"}`},
		"users-me-deletion-cancel": {"DELETE", "/api/users/me/deletion", ""},
	}
}

const (
	noConversation = "conv_00000000000000000000000000"
	noUUID         = "00000000-0000-4000-8000-000000000000"
	noName         = "no-such-name"
	noKey          = "cmk_live_aaaaaaaaaaaaaaaa"
)

// What belongs to another workspace answers exactly as what never was, on
// every route.
func TestTenants(t *testing.T) {
	w := newWorld(t)
	made := w.do(t, "POST", "/api/memories", `{"conversationId":"NEW","content":"numbat","topics":["ours"],"name":"our-name"}`)
	var memory struct {
		Data struct{ ID, ConversationID string }
	}
	ok(t, json.Unmarshal([]byte(made.body), &memory))
	var topic struct{ Data struct{ ID string } }
	ok(t, json.Unmarshal([]byte(w.do(t, "GET", "/api/topics/ours", "").body), &topic))
	keyID, _, _ := strings.Cut(w.vars["KEY"], ".")
	theirs := requests(memory.Data.ConversationID, memory.Data.ID, "our-name", topic.Data.ID, keyID)
	never := requests(noConversation, noUUID, noName, noUUID, noKey)
	before := w.do(t, "GET", "/api/conversations/"+memory.Data.ConversationID+"/timeline", "").body

	covered := map[string]bool{"conversations-openapi": true} // public
	other := []string{"Authorization", "Bearer " + w.vars["KEY2"]}
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		covered[name] = true
		if name == "conversations-create" || name == "apikeys-create" || name == "commit-context-create" {
			continue // they name nothing
		}
		a, b := theirs[name], never[name]
		got, want := w.do(t, a.method, a.path, a.body, other...), w.do(t, b.method, b.path, b.body, other...)
		same := strings.NewReplacer(memory.Data.ConversationID, noConversation, memory.Data.ID, noUUID, topic.Data.ID, noUUID)
		if got.status != want.status || forget(same.Replace(got.body)) != forget(want.body) {
			t.Errorf("%s: %d %s, for what never was %d %s", name, got.status, got.body, want.status, want.body)
		}
		if strings.Contains(got.body, "numbat") {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	for _, ep := range endpoints() {
		if !covered[ep.Name] {
			t.Errorf("%s is not tested", ep.Name)
		}
	}
	if after := w.do(t, "GET", "/api/conversations/"+memory.Data.ConversationID+"/timeline", ""); after.body != before {
		t.Errorf("the other workspace changed something: %s", after.body)
	}
	if res := w.do(t, "GET", "/api/users/me", ""); res.status != http.StatusOK {
		t.Errorf("the key: %d %s", res.status, res.body)
	}
}

// forget leaves out of an answer what differs from request to request.
func forget(body string) string {
	var v map[string]any
	if json.Unmarshal([]byte(body), &v) != nil {
		return body
	}
	delete(v, "requestId")
	delete(v, "exportedAt")
	for _, name := range []string{"meta", "data"} {
		if object, isObject := v[name].(map[string]any); isObject {
			delete(object, "searchTime")
			delete(object, "uptime")
			delete(object, "database")
		}
	}
	return fmt.Sprint(v)
}

func sep(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}

// Every route needs a key and its scope, which the refusal names.
func TestScopes(t *testing.T) {
	w := newWorld(t)
	needs := map[string]access.Scope{
		"memories-relationships-create": access.MemoriesWrite, "memories-relationships-delete": access.MemoriesWrite,
		"memories-update": access.MemoriesWrite, "memories-named-update": access.MemoriesWrite, "memories-named-append": access.MemoriesWrite,
		"commit-context-create": access.MemoriesWrite, "memories-bulk-update": access.MemoriesWrite, "memories-bulk-tag": access.MemoriesWrite, "memories-delete": access.MemoriesWrite,
		"users-me-import": access.MemoriesWrite, "memories-bulk-delete": access.MemoriesWrite, "memories-create": access.MemoriesWrite, "topics-merge": access.MemoriesWrite,
		"conversations-create": access.ConversationsWrite, "conversations-rename": access.ConversationsWrite,
		"conversations-delete": access.ConversationsWrite,
		"apikeys-debug-user":   "", "users-me": "", "system-health": "",
		"system-feature-flags": "", "alerts-active": "", "invites-gate-status": "",
	}
	for name, req := range requests(noConversation, noUUID, noName, noUUID, noKey) {
		scope, special := needs[name]
		switch {
		case special:
		case strings.HasPrefix(name, "conversations"):
			scope = access.ConversationsRead
		case strings.HasPrefix(name, "apikeys"), strings.HasPrefix(name, "users-me-deletion"):
			scope = access.APIKeysManage
		default:
			scope = access.MemoriesRead
		}
		others := slices.DeleteFunc(slices.Clone(access.Scopes), func(s access.Scope) bool { return s == scope })
		got := w.do(t, req.method, req.path, req.body, "Authorization", "Bearer "+w.key(t, w.ws[0], others...))
		if scope != "" && (got.status != 403 || !strings.Contains(got.body, string(scope)) || !strings.Contains(got.body, `"code":"PERMISSION_DENIED"`)) {
			t.Errorf("%s without %s: %d %s", name, scope, got.status, got.body)
		}
		// Nor does it matter how well the question is put.
		bad := w.do(t, req.method, req.path+sep(req.path)+"nonsense=1", "[", "Authorization", "Bearer "+w.key(t, w.ws[0], others...))
		if scope != "" && bad.status != 403 {
			t.Errorf("%s without %s, badly put: %d %s", name, scope, bad.status, bad.body)
		}
		if scope == "" && got.status != 200 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if got := w.do(t, req.method, req.path, req.body, "Authorization", ""); got.status != 401 {
			t.Errorf("%s without a key: %d %s", name, got.status, got.body)
		}
		if got := w.do(t, req.method, req.path, req.body); got.status >= 500 || got.status == 401 || got.status == 403 {
			t.Errorf("%s with every scope: %d %s", name, got.status, got.body)
		}
	}
}

// A user may be looked at with any key; the usage needs memories:read.
func TestUsageIsForThoseWhoMayReadMemories(t *testing.T) {
	w := newWorld(t)
	key := w.key(t, w.ws[0], access.SessionsRead)
	got := w.do(t, "GET", "/api/users/me", "", "Authorization", "Bearer "+key)
	if got.status != 200 || strings.Contains(got.body, "usage") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// Twins that race have one effect and the same answer.
func TestConcurrentTwins(t *testing.T) {
	w := newWorld(t)
	answers := make([]string, 8)
	var running sync.WaitGroup
	for i := range answers {
		running.Go(func() {
			got := w.do(t, "POST", "/api/memories", `{"claudeSessionId":"s","content":"said once"}`, "Idempotency-Key", "twins")
			if got.status != 201 {
				t.Errorf("%d %s", got.status, got.body)
			}
			answers[i] = got.body
		})
	}
	running.Wait()
	for _, answer := range answers {
		if answer != answers[0] {
			t.Errorf("%s, and %s", answers[0], answer)
		}
	}
	if got := w.do(t, "GET", "/api/memories", ""); !strings.Contains(got.body, `"count":1}`) {
		t.Error(got.body)
	}
}

// Logs have ids of requests and numbers, never what was said, keys or names.
func TestLogsAreDiscreet(t *testing.T) {
	w := newWorld(t)
	made := w.do(t, "POST", "/api/memories", `{"conversationId":"NEW","content":"words that were said","topics":["a secret topic"]}`,
		"X-MX-Client", "mx-cli/1.7.235 os=linux", "X-MX-Project", "secret-project", "Idempotency-Key", "secret-idempotency")
	w.do(t, "GET", "/api/memories/search?q=secret-query", "")
	w.do(t, "POST", "/api/conversations/search", `{"query":"secret-query"`)
	w.do(t, "GET", "/api/topics/a%20secret%20topic", "")
	key := w.do(t, "POST", "/api/apikeys", `{"label":"secret-label"}`)
	log := w.log.String()
	_, secret, _ := strings.Cut(w.vars["KEY"], ".")
	for _, marker := range []string{"words", "secret", secret} {
		if strings.Contains(log, marker) {
			t.Errorf("the log has %q", marker)
		}
	}
	for _, needed := range []string{"endpoint=memories-create", "client=mx-cli/1.7.235", "status=201", "workspace=ws_", "key=cmk_live_"} {
		if !strings.Contains(log, needed) {
			t.Errorf("the log lacks %q", needed)
		}
	}
	if made.status != 201 || key.status != 201 {
		t.Errorf("%d, %d", made.status, key.status)
	}
}
