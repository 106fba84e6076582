package docs_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"griot/infra/stack"
)

const methodsFile = "memnexus.md"

// methodRow is a line of the table: a method, what it sends, and what is here.
var methodRow = regexp.MustCompile("(?m)^\\| `(\\w+\\.\\w+)` \\| `([A-Z]+ [^`]+)` \\| (.*) \\|$")

// Whether a method of the published SDK is served follows from the routes: the
// page cannot forget an endpoint, nor promise one.
func TestMethodsAreThoseOfTheRoutes(t *testing.T) {
	source, err := os.ReadFile(methodsFile)
	ok(t, err)
	routes := map[string]string{}
	for _, ep := range stack.Endpoints() {
		routes[anyName(ep.Method+" "+ep.Path)] = ep.Name
	}
	seen := map[string]bool{}
	page := methodRow.ReplaceAllStringFunc(string(source), func(row string) string {
		cells := methodRow.FindStringSubmatch(row)
		method, request, here := cells[1], cells[2], cells[3]
		why, absent := strings.CutPrefix(here, "not here: ")
		route := routes[anyName(request)]
		seen[route] = true
		switch {
		case here != "served" && here != "constant" && (!absent || why == ""):
			t.Errorf("%s is %q: neither served, constant, nor not here and why", method, here)
		case absent && route != "" && *update:
			return fmt.Sprintf("| `%s` | `%s` | served |", method, request)
		case absent && route != "":
			t.Errorf("%s is served by %s: go test ./internal/docs -run Methods -update", method, route)
		case !absent && route == "":
			t.Errorf("%s is %s, and no route is %s", method, here, request)
		}
		return row
	})
	if n := len(methodRow.FindAllString(page, -1)); n != 144 {
		t.Errorf("%d methods, and the SDK has 144", n)
	}
	for _, ep := range stack.Endpoints() {
		if strings.HasPrefix(ep.Path, "/api/") && !seen[ep.Name] && !strings.Contains(page, "| `"+ep.Method+" "+ep.Path+"` |") {
			t.Errorf("%s %s serves no method, and %s does not say why it is there", ep.Method, ep.Path, methodsFile)
		}
	}
	if *update {
		ok(t, os.WriteFile(methodsFile, []byte(page), 0o600))
	}
}

// anyName is a request without the names of its parameters.
func anyName(request string) string {
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(request, "{}")
}
