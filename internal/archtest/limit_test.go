package archtest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/infra/stack"
	"griot/internal/limit"
)

// What a table may consume is the same in both templates and where nobody is
// told.
func TestDefaultCaps(t *testing.T) {
	for _, file := range []string{"template.yaml", "infra/data.yaml"} {
		for name, want := range map[string]int{"MaxReadUnits": limit.DefaultReadUnits, "MaxWriteUnits": limit.DefaultWriteUnits} {
			if got := fmt.Sprint(load(t, file).At("Parameters", name, "Default")); got != fmt.Sprint(want) {
				t.Errorf("%s: %s is %s, want %d", file, name, got, want)
			}
		}
	}
}

// Which endpoints are dear is looked at here whenever there is another one.
func TestClasses(t *testing.T) {
	want := map[limit.Class][]string{
		limit.Heavy: {
			"apikeys-create", "commit-context-create", "conversations-create", "memories-bulk-delete", "memories-bulk-tag", "memories-bulk-update", "memories-create", "memories-named-append", "memories-named-update", "memories-related", "memories-relationships-create", "memories-stats", "projects-create",
			"segments-append", "sessions-create", "sessions-extract", "sessions-extraction", "topics-merge", "uploads-create",
			"users-me-export", "users-me-import",
		},
		limit.Search: {"conversations-by-topic", "conversations-search", "memories-build-context", "memories-search", "memories-search-get", "memories-similar", "topics-related", "topics-search", "topics-similar"},
	}
	got := map[limit.Class][]string{}
	for _, f := range stack.Functions() {
		if class := f.Endpoint().Class; f.Serves() && class != "" {
			got[class] = append(got[class], f.Name())
		}
	}
	for _, names := range got {
		slices.Sort(names)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
