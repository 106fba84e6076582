package stack

import (
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
)

// asked is a request of a script.
var asked = regexp.MustCompile(`(?m)^(GET|POST|PUT|PATCH|DELETE) (/\S*)`)

// Every endpoint is shown to work by a script, which all hosts run.
func TestScriptsAskEveryEndpoint(t *testing.T) {
	muxes := map[string]*http.ServeMux{} // one a route: patterns of two may overlap
	for _, f := range Functions() {
		if f.Serves() && !f.Unknown() {
			route := f.Endpoint().Method + " " + f.Endpoint().Path
			muxes[route] = http.NewServeMux()
			muxes[route].Handle(route, http.NotFoundHandler())
		}
	}
	missing := maps.Clone(muxes)
	scripts := os.DirFS("../../internal/api/apitest/scripts")
	err := fs.WalkDir(scripts, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(scripts, path)
		for _, m := range asked.FindAllStringSubmatch(string(text), -1) {
			delete(missing, served(muxes, m[1], m[2]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for route := range missing {
		t.Errorf("no script in internal/api/apitest/scripts asks %s", route)
	}
}

// served is the route of a request, of several the one with the fewest
// wildcards.
func served(muxes map[string]*http.ServeMux, method, target string) (best string) {
	path, _, _ := strings.Cut(strings.ReplaceAll(target, "$", ""), "?")
	r := httptest.NewRequest(method, path, nil)
	for route, mux := range muxes {
		if _, found := mux.Handler(r); found != "" && (best == "" || strings.Count(route, "{") < strings.Count(best, "{")) {
			best = route
		}
	}
	return best
}
