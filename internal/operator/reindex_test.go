package operator

import (
	"bytes"
	"context"
	"testing"
)

func TestReindex(t *testing.T) {
	dir := open(t)
	ws, _, err := dir.CreateWorkspace(t.Context(), "Acme")
	if err != nil {
		t.Fatal(err)
	}
	desk := Desk{Access: dir, Reindex: func(_ context.Context, workspace string) (int, error) {
		if workspace != ws.ID {
			t.Errorf("reindexed %s", workspace)
		}
		return 7, nil
	}}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "7 units indexed anew\n"},
		{[]string{"-workspace", ws.ID, "-json"}, "{\n  \"units\": 7\n}\n"},
	} {
		var out bytes.Buffer
		if err := Run(t.Context(), desk, append([]string{"workspaces", "reindex"}, c.args...), &out); err != nil || out.String() != c.want {
			t.Errorf("%v: %q, %v, want %q", c.args, out.String(), err, c.want)
		}
	}
}
