package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"griot/internal/limit"
)

func TestQuotas(t *testing.T) {
	dir := open(t)
	ws, _, err := dir.CreateWorkspace(t.Context(), "Acme")
	if err != nil {
		t.Fatal(err)
	}
	limits := &limit.Limiter{Table: dir.Table, Now: dir.Now, Default: limit.Embedded()}
	desk := Desk{Access: dir, Limits: func(context.Context) (*limit.Limiter, error) { return limits, nil }}
	call := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := Run(t.Context(), desk, append([]string{"workspaces"}, args...), &out)
		return out.String(), err
	}
	print := func(args ...string) string {
		t.Helper()
		text, err := call(args...)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, all := range []string{print("limit"), print("usage"), print("limit", "-quota", "keys=default")} {
		wantLine(t, all, "open_sessions +0 +1000")
		wantLine(t, all, "session_text +each session +10485760")
		wantLine(t, all, "keys +0 +1000")
	}
	run(t, dir, "keys", "create")
	wantLine(t, print("limit", "-quota", "keys=7", "-quota", "streams=0"), "keys +1 +7")
	wantLine(t, print("usage", "-workspace", ws.ID), "streams +0 +0")
	var list []map[string]any
	if err := json.Unmarshal([]byte(print("limit", "-quota", "streams=default", "-json")), &list); err != nil {
		t.Fatal(err)
	}
	seen := map[any][]any{}
	for _, q := range list {
		seen[q["name"]] = []any{q["used"], q["limit"]}
	}
	if keys, text := seen["keys"], seen["session_text"]; keys[0] != 1.0 || keys[1] != 7.0 || text[0] != nil || seen["streams"][1] != 1000.0 {
		t.Errorf("JSON has %v", seen)
	}
	for _, wrong := range []string{"seats=1", "keys", "keys=", "keys=-1", "keys=many", "keys=9999999999999999"} {
		if text, err := call("limit", "-quota", wrong); err == nil {
			t.Errorf("-quota %s: %s", wrong, text)
		}
	}
	run(t, dir, "keys", "create")
	gone, _ := fields(t, dir, "keys", "create")["id"].(string)
	run(t, dir, "keys", "revoke", gone)
	var recounted []string
	desk.Recounts = []func(context.Context, string) error{func(_ context.Context, workspace string) error {
		recounted = append(recounted, workspace)
		return nil
	}}
	wantLine(t, print("recount"), "keys +3 +2")
	if text := print("recount", "-workspace", ws.ID, "-json"); !strings.Contains(text, `"name": "keys",
    "was": 2,
    "is": 2`) {
		t.Errorf("JSON is %s", text)
	}
	if !slices.Equal(recounted, []string{ws.ID, ws.ID}) {
		t.Errorf("recounted %v", recounted)
	}
	_, err = call("limit", "-quota", "keys=9", "-requests", "5")
	wantUsage(t, err, "goes with no other numbers")
}
