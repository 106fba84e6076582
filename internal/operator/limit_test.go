package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"griot/internal/limit"
)

func TestLimits(t *testing.T) {
	dir := open(t)
	limits := &limit.Limiter{Table: dir.Table, Now: dir.Now, Default: limit.Rates{
		limit.Standard: {20, 40, 15}, limit.Heavy: {10, 35, 32.5}, limit.Search: {5, 25, 2.5},
	}}
	desk := Desk{Access: dir, Limits: func(context.Context) (*limit.Limiter, error) { return limits, nil }}
	print := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := Run(t.Context(), desk, args, &out); err != nil {
			t.Fatalf("%s: %v", strings.Join(args, " "), err)
		}
		return out.String()
	}
	var ws struct{ ID string }
	if err := json.Unmarshal([]byte(print("workspaces", "create", "Acme", "-json")), &ws); err != nil {
		t.Fatal(err)
	}
	var key struct{ Key, ID string }
	if err := json.Unmarshal([]byte(print("keys", "create", "-json")), &key); err != nil {
		t.Fatal(err)
	}

	text := print("workspaces", "limit")
	wantLine(t, text, `LIMIT OF +REQUESTS/S +READ UNITS/S +WRITE UNITS/S`)
	wantLine(t, text, `workspace:`+ws.ID+`:heavy +10 +35 +32.5`)
	if strings.Contains(text, "In force") {
		t.Error("it was only shown")
	}

	text = print("workspaces", "limit", "-class", "heavy", "-writes", "100")
	wantLine(t, text, `workspace:`+ws.ID+`:heavy +10 +35 +100`)
	wantLine(t, text, `workspace:`+ws.ID+`:search +5 +25 +2.5`)
	wantLine(t, text, `In force everywhere within 10 seconds\.`)

	text = print("workspaces", "limit", "-key", key.Key, "-requests", "1")
	wantLine(t, text, `key:`+key.ID+`:standard +1 +40 +15`)
	wantLine(t, text, `key:`+key.ID+`:heavy +1 +35 +100`)
	wantLine(t, text, `workspace:`+ws.ID+`:standard +20 +40 +15`)

	ticket, err := limits.Take(t.Context(), limit.Caller{Workspace: ws.ID, Key: key.ID}, limit.Standard, limit.Amount{1, 30, 0})
	if err != nil {
		t.Fatal(err)
	}
	ticket.Settle(t.Context(), limit.Amount{1, 12.5, 0})
	text = print("workspaces", "usage")
	wantLine(t, text, `USED NOW OF +REQUESTS +READ UNITS +WRITE UNITS +NOTHING USED BY`)
	wantLine(t, text, `workspace:`+ws.ID+`:standard +1 of 1200 +13 of 2400 +0 of 900 +2026-05-18T14:00:01Z`)
	wantLine(t, text, `key:`+key.ID+`:standard +1 of 60 +13 of 2400 +0 of 900 +2026-05-18T14:00:01Z`)

	print("workspaces", "limit", "-key", key.ID, "-default")
	text = print("workspaces", "limit", "-default")
	wantLine(t, text, `workspace:`+ws.ID+`:heavy +10 +35 +32.5`)
	if strings.Contains(text, "key:") {
		t.Errorf("the key's limits stay:\n%s", text)
	}

	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-class", "free", "-reads", "1"}, "-class is one of"},
		{[]string{"-class", "heavy"}, "goes with -requests, -reads or -writes"},
		{[]string{"-default", "-reads", "1"}, "goes with no numbers"},
		{[]string{"-key", "cmk_live_0000000000000000", "-reads", "1"}, "has no key"},
	} {
		wantUsage(t, Run(t.Context(), desk, append([]string{"workspaces", "limit"}, test.args...), &bytes.Buffer{}), test.want)
	}
	if err := Run(t.Context(), desk, []string{"workspaces", "limit", "-reads", "-3"}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "from 0.01 to 1e9") {
		t.Errorf("a limit below nothing: %v", err)
	}
}
